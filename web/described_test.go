package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"postern/store"
)

// described is the API as openapi.json says it is.
type described struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
	asked    map[string]bool // "GET /path 200"
}

const specURL = "https://postern.invalid/openapi.json"

func describe(t *testing.T) *described {
	t.Helper()
	b, err := os.ReadFile("api/openapi.json")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource(specURL, doc))
	return &described{doc.(map[string]any), c, map[string]bool{}}
}

// at follows the keys, and references on the way. where is the pointer to what is returned.
func (d *described) at(where string, keys ...string) (v any, pointer string) {
	v, pointer = any(d.doc), "#"
	for k := range strings.SplitSeq(strings.TrimPrefix(where, "#"), "/") {
		if k != "" {
			v = v.(map[string]any)[unescape(k)]
			pointer += "/" + k
		}
	}
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, ""
		}
		if ref, ok := m["$ref"].(string); ok {
			v, pointer = d.at(ref)
			m = v.(map[string]any)
		}
		v, pointer = m[k], pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(k)
	}
	return v, pointer
}

func unescape(k string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(k) }

func (d *described) paths() map[string]any { return d.doc["paths"].(map[string]any) }

// operations are those of the document as "GET /path".
func (d *described) operations() (all []string) {
	for path, item := range d.paths() {
		for method := range item.(map[string]any) {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(all)
	return all
}

// of finds the path of the document for an address.
func (d *described) of(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if _, ok := d.paths()[path]; ok {
		return path
	}
	for p := range d.paths() {
		if regexp.MustCompile(`^` + strings.ReplaceAll(p, "{id}", `\d+`) + `$`).MatchString(path) {
			return p
		}
	}
	return ""
}

// check compares an answer with what the document says about it.
func (d *described) check(t *testing.T, method, path, sent string, res *http.Response, body []byte) {
	t.Helper()
	p := d.of(path)
	what := fmt.Sprintf("%s %s: %d %s", method, path, res.StatusCode, body)
	require.NotEmpty(t, p, what)
	operation := strings.ToLower(method)
	status := fmt.Sprint(res.StatusCode)
	d.asked[method+" "+p+" "+status] = true
	answer, _ := d.at("", "paths", p, operation, "responses", status)
	require.NotNil(t, answer, "not described: %s", what)
	kinds, _ := d.at("", "paths", p, operation, "responses", status, "content")
	kind := res.Header.Get("Content-Type")
	if kinds == nil {
		require.Empty(t, body, what)
	} else {
		require.Contains(t, kinds, kind, what)
		require.NoError(t, d.schema(t, body, "paths", p, operation, "responses", status, "content", kind, "schema"),
			what)
	}
	headers, _ := d.at("", "paths", p, operation, "responses", status, "headers")
	if named, ok := headers.(map[string]any); ok && res.StatusCode >= 400 {
		for name := range named {
			require.NotEmpty(t, res.Header.Get(name), "%s: %s", name, what)
		}
	}
	if sent != "" && res.StatusCode < 300 {
		require.NoError(t, d.schema(t, []byte(sent), "paths", p, operation, "requestBody", "content",
			"application/json", "schema"), what)
	}
}

func (d *described) schema(t *testing.T, body []byte, keys ...string) error {
	t.Helper()
	_, pointer := d.at("", keys...)
	s, err := d.compiler.Compile(specURL + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer))
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err, string(body))
	return s.Validate(v)
}

// program uses the API with a token, and holds every answer against the description.
type program struct {
	h     *house
	spec  *described
	token string
	seen  *syncBuffer // everything that was answered
}

func (h *house) program(scope store.Scope) *program {
	h.t.Helper()
	_, value, err := h.store.AddToken(h.t.Context(), "a test", scope, store.CLI)
	require.NoError(h.t, err)
	return &program{h, describe(h.t), value, &syncBuffer{}}
}

// reply is one answer.
type reply struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
}

// ask sends a request; header are pairs of name and value.
func (p *program) ask(method, path, body string, header ...string) reply {
	p.h.t.Helper()
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(p.h.t.Context(), method, p.h.http.URL+path, sent)
	require.NoError(p.h.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := p.h.http.Client().Do(req)
	require.NoError(p.h.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	require.NoError(p.h.t, err)
	_, _ = p.seen.Write(got)
	if method != http.MethodHead && p.spec.of(path) != "" && res.StatusCode != http.StatusMethodNotAllowed {
		p.spec.check(p.h.t, method, path, body, res, got)
	}
	return reply{p.h.t, res.StatusCode, res.Header, string(got)}
}

func (p *program) get(path string) reply { p.h.t.Helper(); return p.ask(http.MethodGet, path, "") }
func (p *program) post(path, body string) reply {
	p.h.t.Helper()
	return p.ask(http.MethodPost, path, body)
}

// into reads the answer, which must be a good one.
func (r reply) into(v any) {
	r.t.Helper()
	require.Less(r.t, r.Status, 300, r.Body)
	d := json.NewDecoder(strings.NewReader(r.Body))
	d.DisallowUnknownFields()
	require.NoError(r.t, d.Decode(v), r.Body)
}

// refused demands a problem, and returns what it says.
func (r reply) refused(status int, words ...string) string {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, r.Body)
	require.Equal(r.t, "application/problem+json", r.Header.Get("Content-Type"))
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	require.NoError(r.t, json.Unmarshal([]byte(r.Body), &p))
	require.Equal(r.t, status, p.Status)
	require.NotContains(r.t, p.Detail, "\n")
	for _, w := range words {
		require.Contains(r.t, p.Detail, w)
	}
	return p.Detail
}

func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	d := describe(t)
	var there []string
	for _, pattern := range routes(t) {
		if _, path, _ := strings.Cut(pattern, " "); strings.HasPrefix(path, "/api/") {
			there = append(there, pattern)
		}
	}
	slices.Sort(there)
	require.Equal(t, d.operations(), there)
	seen := map[string]bool{}
	for _, o := range d.operations() {
		method, path, _ := strings.Cut(o, " ")
		id, _ := d.at("", "paths", path, strings.ToLower(method), "operationId")
		require.NotEmpty(t, id, o)
		require.False(t, seen[id.(string)], "%s is there twice", id)
		seen[id.(string)] = true
	}
	// A description that lets everything pass would make every answer right.
	require.Error(t, d.schema(t, []byte(`{"id": 1}`), "components", "schemas", "Feed"))
	require.Error(t, d.schema(t,
		[]byte(`[{"cause": "x", "severity": "odd", "text": "", "remedy": "", "opened_at": "", "told": 0}]`),
		"paths", "/api/v1/notices", "get", "responses", "200", "content", "application/json", "schema"))
	require.Error(t, d.schema(t,
		[]byte(`{"cause": "x", "severity": "info", "text": "", "remedy": "", "opened_at": "yesterday", "told": 0}`),
		"components", "schemas", "Notice"))
}
