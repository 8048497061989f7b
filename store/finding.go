package store

// Finding is one line of a check: what was looked at, how it is, and what to do when it is not well.
type Finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
}
