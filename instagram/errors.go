package instagram

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/redact"
	"postern/words"
)

// Error is Meta's answer when it is an error. An answer without Meta's
// envelope (a gateway's HTML page) has Code 0 and a short Message of ours.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
type Error struct {
	Op          Op
	HTTPStatus  int // nearly always 400, whatever the reason
	Code        int
	Subcode     int
	Type        string
	Message     string        // for developers; can be misleading
	UserTitle   string        // for people, in the language of the request
	UserMessage string        // for people, in the language of the request
	TraceID     string        // fbtrace_id, for Meta's support
	RegainAfter time.Duration // with 80002: how long calls stay refused; 0 when not told
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "instagram: %s: HTTP %d", e.Op, e.HTTPStatus)
	if e.Code != 0 || e.Subcode != 0 {
		fmt.Fprintf(&b, ", code %d/%d", e.Code, e.Subcode)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.UserMessage != "" {
		b.WriteString(" (" + e.UserMessage + ")")
	}
	if e.TraceID != "" {
		b.WriteString(", trace " + e.TraceID)
	}
	return b.String()
}

// TransportError says that there was no usable answer: none at all, one that
// was cut short or cannot be read, or a redirect.
type TransportError struct {
	Op   Op
	Sent bool // false only when nothing can have been written (dial, TLS)
	Err  error
}

func (e *TransportError) Error() string { return "instagram: " + string(e.Op) + ": " + e.Err.Error() }
func (e *TransportError) Unwrap() error { return e.Err }

// Is makes the errors of requests that were not sent match ErrNotSent.
func (e *TransportError) Is(target error) bool { return target == ErrNotSent && !e.Sent }

// integer reads a number that may arrive as a string ("230"). What it cannot
// read is 0: the rest of the error is worth more than the exactness of one field.
type integer int

func (n *integer) UnmarshalJSON(b []byte) error {
	v, _ := strconv.Atoi(strings.Trim(string(b), `" `))
	*n = integer(v)
	return nil
}

func parseError(op Op, res *http.Response, body []byte) *Error {
	e := &Error{Op: op, HTTPStatus: res.StatusCode, RegainAfter: ReadUsage(res.Header).Regain}
	var answer struct {
		Error struct {
			Message     string  `json:"message"`
			Type        string  `json:"type"`
			Code        integer `json:"code"`
			Subcode     integer `json:"error_subcode"`
			UserTitle   string  `json:"error_user_title"`
			UserMessage string  `json:"error_user_msg"`
			TraceID     string  `json:"fbtrace_id"`
		} `json:"error"`
		// oauth/access_token has an envelope of its own.
		Type    string  `json:"error_type"`
		Code    integer `json:"code"`
		Message string  `json:"error_message"`
	}
	// An error is an error even when its details cannot be read; what was read stays.
	err := json.Unmarshal(body, &answer)
	e.Code, e.Subcode = int(answer.Error.Code), int(answer.Error.Subcode)
	e.Type, e.Message = answer.Error.Type, answer.Error.Message
	e.UserTitle, e.UserMessage = answer.Error.UserTitle, answer.Error.UserMessage
	e.TraceID = answer.Error.TraceID
	if e.TraceID == "" {
		e.TraceID = res.Header.Get("X-Fb-Request-Id")
	}
	if answer.Message != "" && e.Message == "" {
		e.Code, e.Type, e.Message = int(answer.Code), answer.Type, answer.Message
	}
	if err != nil && e.Message == "" {
		e.Message = words.AnswerNotMetas(res.StatusCode)
	}
	return e
}

// clean rebuilds an error of net/http without the address, which holds the
// token in some calls, and without any other copy of a secret.
func clean(err error, hide []redact.Secret) error {
	var withURL *url.Error
	for errors.As(err, &withURL) {
		err = withURL.Err
	}
	if text := err.Error(); scrub(text, hide) != text {
		return errors.New(scrub(text, hide)) // the chain would lead back to the secret
	}
	return err
}

// cleanAnswer does the same for what came from the other side, which may echo the request.
func cleanAnswer(err error, hide []redact.Secret) error {
	var answer *Error
	var transport *TransportError
	switch {
	case errors.As(err, &answer):
		for _, s := range []*string{&answer.Type, &answer.Message, &answer.UserTitle, &answer.UserMessage,
			&answer.TraceID} {
			*s = scrub(*s, hide)
		}
	case errors.As(err, &transport):
		transport.Err = clean(transport.Err, hide)
	}
	return err
}

func scrub(text string, hide []redact.Secret) string {
	values := make([]string, len(hide))
	for i, s := range hide {
		values[i] = s.Reveal()
	}
	return redact.Values(text, values...)
}
