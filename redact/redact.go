package redact

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Mark stands where a secret was.
const Mark = "[secret]"

// shortest is the length from which a value is hidden wherever it stands: shorter ones are words of other texts, too.
const shortest = 6

// Redactor knows the secrets of one run of the program. A nil one knows shapes only. Its methods are safe for
// concurrent use.
type Redactor struct {
	mu       sync.RWMutex
	known    map[string]bool
	forms    []string // every way a known value can be written, longest first
	replacer *strings.Replacer
}

// New returns a Redactor that knows no values yet.
func New() *Redactor { return &Redactor{known: map[string]bool{}} }

// Add makes values known as secret.
func (r *Redactor) Add(values ...string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		if v = strings.TrimSpace(v); len(v) < shortest || r.known[v] {
			continue
		}
		r.known[v] = true
		r.forms = append(r.forms, forms(v)...)
		r.replacer = nil
	}
}

// Text is the text without secrets.
func (r *Redactor) Text(s string) string {
	if s == "" {
		return s
	}
	if r != nil {
		s = r.values().Replace(s)
	}
	return shapes(s)
}

func (r *Redactor) values() *strings.Replacer {
	r.mu.RLock()
	p := r.replacer
	r.mu.RUnlock()
	if p != nil {
		return p
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replacer = replacer(r.forms)
	return r.replacer
}

// Values takes the named secrets out of a text. Unlike Redactor.Add it hides short ones, too.
func Values(s string, secrets ...string) string {
	var all []string
	for _, v := range secrets {
		if v != "" {
			all = append(all, forms(v)...)
		}
	}
	return replacer(all).Replace(s)
}

// forms are the ways in which a value gets into other texts.
func forms(v string) []string {
	quoted, _ := json.Marshal(v) // a string always can be
	all := []string{v, url.QueryEscape(v), url.PathEscape(v), strings.Trim(string(quoted), `"`)}
	slices.Sort(all)
	return slices.Compact(all)
}

func replacer(forms []string) *strings.Replacer {
	// Of two that fit at the same place strings.Replacer takes the first: a secret may begin with another one.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, Mark)
	}
	return strings.NewReplacer(pairs...)
}

// What only secrets look like: Instagram's tokens and our own (store.TokenPrefix), secrets of webhooks,
// parameters and headers that carry secrets, passwords in addresses.
var (
	tokenShape = regexp.MustCompile(`\b(?:IG[A-Z]{1,3}|EAA)[A-Za-z0-9_-]{24,}`)
	hookShape  = regexp.MustCompile(`\bwhsec_[A-Za-z0-9+/_-]{24,}=*`)
	ownShape   = regexp.MustCompile(`\bpostern_[A-Z2-7]{26}\b`)
	paramShape = regexp.MustCompile(
		`(?i)\b(access_token|client_secret|app_secret|fb_exchange_token|password|apikey|api_key)=([^&\s"'\\]+)`)
	bearerShape = regexp.MustCompile(`(?i)\b(bearer|oauth|basic) [A-Za-z0-9._~+/=-]{12,}`)
	userShape   = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@"'<>]+@`)
)

func shapes(s string) string {
	if strings.Contains(s, "IG") || strings.Contains(s, "EAA") {
		s = tokenShape.ReplaceAllString(s, Mark)
	}
	if strings.Contains(s, "postern_") {
		s = ownShape.ReplaceAllString(s, Mark)
	}
	if strings.Contains(s, "whsec_") {
		s = hookShape.ReplaceAllString(s, Mark)
	}
	if strings.Contains(s, "=") {
		s = paramShape.ReplaceAllString(s, "${1}="+Mark)
	}
	s = bearerShape.ReplaceAllString(s, "${1} "+Mark)
	if strings.Contains(s, "://") {
		s = userShape.ReplaceAllString(s, "${1}"+Mark+"@")
	}
	return s
}
