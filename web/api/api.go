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

	"postern/store"
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

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
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
	switch {
	case errors.As(err, &own):
		AnswerProblem(w, own.status, own.detail)
	case errors.As(err, &tooLarge):
		AnswerProblem(w, http.StatusRequestEntityTooLarge,
			fmt.Sprintf("the body is too long: send at most %d bytes", maxBody))
	case errors.Is(err, store.ErrNotFound):
		AnswerProblem(w, http.StatusNotFound,
			"there is nothing at this address: it is wrong, or what was here has been removed")
	case errors.Is(err, store.ErrIllegal):
		AnswerProblem(w, http.StatusConflict, "nothing was done: "+bare(err))
	case errors.Is(err, store.ErrConflict):
		AnswerProblem(w, http.StatusConflict, "nothing was done: "+bare(err)+"; read it again and decide anew")
	case r.Context().Err() != nil: // the program left
	default:
		s.log.ErrorContext(r.Context(), "API failed", slog.String("route", r.Pattern), slog.Any("error", err))
		AnswerProblem(w, http.StatusInternalServerError, "Postern could not answer; its log says more")
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
		return query{}, refuse(http.StatusBadRequest,
			"the parameters cannot be read: escape them as in ?state=held&limit=10")
	}
	for k, values := range v {
		if !slices.Contains(known, k) {
			if len(known) == 0 {
				return query{}, refuse(http.StatusBadRequest, "there is no parameter %q: this address takes none", k)
			}
			return query{}, refuse(http.StatusBadRequest, "there is no parameter %q: this address takes %s", k,
				strings.Join(known, ", "))
		}
		if len(values) > 1 {
			return query{}, refuse(http.StatusBadRequest, "the parameter %q is there %d times: send it once", k,
				len(values))
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
		return 0, refuse(http.StatusBadRequest, "the parameter %q must be a number from 1", key)
	}
	return n, nil
}

func (q query) limit() (int, error) {
	n, err := q.number("limit")
	if err != nil || n > maxPage {
		return 0, refuse(http.StatusBadRequest, "the parameter \"limit\" must be a number from 1 to %d", maxPage)
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
		return refuse(http.StatusUnsupportedMediaType, "send a JSON object, with `Content-Type: application/json`")
	}
	b, err := readAll(r)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refuse(http.StatusBadRequest,
			"the body is not the JSON object that this address takes (%s): see /api/v1/openapi.json", jsonFault(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, "there is more behind the JSON object in the body: send one object")
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
		return refuse(http.StatusBadRequest, "this address takes no body")
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
		return "the kind of " + strconv.Quote(kind.Field) + " is another one"
	case errors.As(err, &kind):
		return "it is no object"
	case errors.As(err, &syntax):
		return "not well-formed at byte " + strconv.FormatInt(syntax.Offset, 10)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "there is no field " + field
	}
	return "not well-formed"
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
			AnswerProblem(w, http.StatusMethodNotAllowed, "this address takes "+strings.Join(allowed, " and ")+" only")
			return
		}
		AnswerProblem(w, http.StatusNotFound,
			"there is nothing at this address: /api/v1/openapi.json says what there is")
	})))
}
