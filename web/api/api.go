package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"postern/owner"
	"postern/shape"
	"postern/store"
	"postern/words"
)

const (
	maxBody  = 16 << 10
	pageSize = 50
	maxPage  = 200
	maxText  = 2000 // of a value in a body
)

//go:embed openapi.json
var openAPI []byte

// handler answers a program: v is written as JSON with the status; nil is none.
type handler func(r *http.Request, q query) (status int, v any, err error)

// refusal is an error that is the program's own, told as a problem.
type refusal struct {
	status int
	detail string
}

func (e *refusal) Error() string { return e.detail }

func refuse(status int, detail string) error {
	return &refusal{status, detail}
}

// answer turns a handler into the standard kind. Parameters that are not among the known ones are refused: a
// misspelt filter must not mean "everything".
func (s *Server) answer(needed store.Scope, h handler, known ...string) http.Handler {
	return s.local(s.bearer(needed, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := readQuery(r, known)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		status, v, err := h(r, q)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if l, ok := v.(created); ok {
			w.Header().Set("Location", l.at)
			v = l.v
		}
		if l, ok := v.(page); ok {
			if l.next != "" {
				w.Header().Set("Link", `<`+l.next+`>; rel="next"`)
			}
			v = l.list
		}
		answerJSON(w, status, v)
	})))
}

// created is an answer with the address of what was made.
type created struct {
	at string
	v  any
}

// page is one page of a list.
type page struct {
	list any
	next string // path and query of the next one, "" for none
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	if v == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}

// fail tells what went wrong, and nothing of the inside.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var own *refusal
	var tooLarge *http.MaxBytesError
	var post *owner.PostError
	switch {
	case errors.As(err, &own):
		AnswerProblem(w, own.status, own.detail)
	case errors.As(err, &tooLarge):
		AnswerProblem(w, http.StatusRequestEntityTooLarge, words.APIBodyTooLong(maxBody))
	case errors.As(err, &post):
		AnswerProblem(w, http.StatusConflict, words.APINotDone(shape.NotOne(post.Left, post.Of)))
	case errors.Is(err, store.ErrNotFound):
		AnswerProblem(w, http.StatusNotFound, words.APINothingHere)
	case errors.Is(err, store.ErrIllegal):
		AnswerProblem(w, http.StatusConflict, words.APINotDone(bare(err)))
	case errors.Is(err, store.ErrConflict):
		AnswerProblem(w, http.StatusConflict, words.APIChanged(bare(err)))
	case r.Context().Err() != nil: // the program left
	default:
		s.log.ErrorContext(r.Context(), "API failed", slog.String("route", r.Pattern), slog.Any("error", err))
		AnswerProblem(w, http.StatusInternalServerError, words.APIFault)
	}
}

// bare is an error of the store without the words that programs match.
func bare(err error) string {
	text := err.Error()
	for _, is := range []error{store.ErrIllegal, store.ErrConflict} {
		text = strings.TrimSuffix(text, ": "+is.Error())
	}
	return text
}

// query is the part of an address behind the question mark.
type query struct {
	url.Values
	path string
}

func readQuery(r *http.Request, known []string) (query, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return query{}, refuse(http.StatusBadRequest, words.APIParametersUnreadable)
	}
	for k, values := range v {
		if !slices.Contains(known, k) {
			return query{}, refuse(http.StatusBadRequest, words.APIParameterUnknown(k, known))
		}
		if len(values) > 1 {
			return query{}, refuse(http.StatusBadRequest, words.APIParameterRepeated(k, len(values)))
		}
	}
	return query{v, r.URL.Path}, nil
}

// number is a positive number, 0 when it is not there.
func (q query) number(key string) (int64, error) {
	if !q.Has(key) {
		return 0, nil
	}
	n, err := strconv.ParseInt(q.Get(key), 10, 64)
	if err != nil || n < 1 || n == math.MaxInt64 { // nothing can come after that one
		return 0, refuse(http.StatusBadRequest, words.APINoNumber(key, 0))
	}
	return n, nil
}

func (q query) limit() (int, error) {
	n, err := q.number("limit")
	if err != nil || n > maxPage {
		return 0, refuse(http.StatusBadRequest, words.APINoNumber("limit", maxPage))
	}
	if n == 0 {
		n = pageSize
	}
	return int(n), nil
}

// next is the address of the next page.
func (q query) next(more bool, key string, id int64) string {
	if !more {
		return ""
	}
	v := url.Values{}
	for k := range q.Values {
		v.Set(k, q.Get(k))
	}
	v.Set(key, strconv.FormatInt(id, 10))
	return q.path + "?" + v.Encode()
}

// readBody reads a JSON object into v. What v does not know is refused, and so is anything behind it.
func readBody(r *http.Request, v any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, words.APINotJSON)
	}
	b, err := readAll(r)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refuse(http.StatusBadRequest, words.APIBodyInvalid(jsonFault(err)))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, words.APIMoreInBody)
	}
	return nil
}

// noBody is for what needs none. An empty object is as good.
func noBody(r *http.Request) error {
	b, err := readAll(r)
	if err != nil {
		return err
	}
	if s := strings.TrimSpace(string(b)); s != "" && s != "{}" {
		return refuse(http.StatusBadRequest, words.APIBodyUnwanted)
	}
	return nil
}

func readAll(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	return b, nil
}

// jsonFault says what is wrong with a body without repeating what was in it.
func jsonFault(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return words.JSONFieldOfAnotherKind(kind.Field)
	case errors.As(err, &kind):
		return words.JSONNotObject
	case errors.As(err, &syntax):
		return words.JSONMalformedAt(syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return words.JSONEndsEarly
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return words.JSONFieldUnknown(field)
	}
	return words.JSONMalformed
}

// openAPIDocument is open to anybody: it tells what every Postern answers and nothing of this one.
func openAPIDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(openAPI)
}

// noAPI answers what is no address of the API, or not with this method.
func (s *Server) noAPI(mux *http.ServeMux) http.Handler {
	return s.local(s.bearer(store.ReadScope, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			AnswerProblem(w, http.StatusMethodNotAllowed, words.APIMethods(allowed))
			return
		}
		AnswerProblem(w, http.StatusNotFound, words.APINoAddress)
	})))
}
