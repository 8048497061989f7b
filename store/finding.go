package store

// Finding is the result of one check: what was checked, whether it is OK, and what to do if it is not.
type Finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
	Guide  string `json:"-"` // path of the page that explains how; "" for none
}

// Fail records that the check failed, why, and what to do about it.
func (f *Finding) Fail(detail, remedy, guide string) {
	f.OK, f.Detail, f.Remedy, f.Guide = false, detail, remedy, guide
}
