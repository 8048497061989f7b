package store

// Finding is one line of a check: what was looked at, how it is, and what to do when it is not well.
type Finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
	Guide  string `json:"-"` // path of our page that shows how, "" for none
}

// Fail says what is wrong and what to do about it.
func (f *Finding) Fail(detail, remedy, guide string) {
	f.OK, f.Detail, f.Remedy, f.Guide = false, detail, remedy, guide
}
