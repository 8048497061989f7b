package api

import (
	"encoding/json"
	"net/http"
)

// problemJSON is RFC 9457's. The type is always "about:blank": the status tells programs what happened, the
// detail tells people what to do.
type problemJSON struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// AnswerProblem answers with a problem: detail says what happened and what to do.
func AnswerProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(problemJSON{"about:blank", http.StatusText(status), status, detail})
}
