package store

import (
	"fmt"
	"strings"

	"postern/reason"
)

// clauses say of a publication what its state is, as people read it.
var clauses = map[State]string{
	Queued:      "is waiting",
	Held:        "is on hold",
	Staged:      "is being prepared at Instagram",
	Publishing:  "is being published",
	Published:   "is already published",
	Failed:      "failed",
	Unconfirmed: "may be live",
	Skipped:     "is skipped",
}

// refusal is the error of a command that is not possible in a publication's state: what the state is, and which
// commands are possible.
func refusal(p Publication, c Command) error {
	clause := clauses[p.State]
	switch {
	case p.State == Held && c == CommandHold && !p.Reason.IsZero() && !p.Reason.Is(reason.HeldByOwner):
		return tell(ErrIllegal, "publication %d is already on hold: %s%s", p.ID, p.Reason, possible(p.State))
	case p.State == Publishing,
		p.State == Held && c == CommandHold,
		p.State == Skipped && c == CommandSkip,
		p.State == Staged && (c == CommandPublish || c == CommandApprove):
		clause = strings.Replace(clause, "is ", "is already ", 1)
	case p.State == Published:
	default:
		return tell(ErrIllegal, "publication %d %s%s", p.ID, clause, possible(p.State))
	}
	return tell(ErrIllegal, "publication %d %s", p.ID, clause)
}

// possible is the sentence that names the commands which are possible in a state.
func possible(s State) string {
	var all []string
	for _, c := range []Command{CommandPublish, CommandApprove, CommandHold, CommandConfirm, CommandRetry,
		CommandSkip} {
		if c.Allows(s) {
			all = append(all, string(c))
		}
	}
	last := len(all) - 1
	words := all[0]
	if last > 0 {
		words = fmt.Sprintf("%s or %s", strings.Join(all[:last], ", "), all[last])
	}
	if s == Unconfirmed {
		return ". Look at the profile, then " + words + " it"
	}
	return ". " + strings.ToUpper(words[:1]) + words[1:] + " it"
}

// finalEdits is the error of an edit that comes too late.
func finalEdits(p Publication) error {
	switch p.State {
	case Failed, Unconfirmed:
		return tell(ErrIllegal, "publication %d %s, so its caption and pictures can't be edited now",
			p.ID, clauses[p.State])
	}
	return tell(ErrIllegal, "publication %d %s, so its caption and pictures are final", p.ID, clauses[p.State])
}
