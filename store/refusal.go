package store

import (
	"postern/reason"
	"postern/words"
)

// clauses say of a publication what its state is, as people read it: the second where a command asks for what is so
// already.
var clauses = map[State][2]string{
	Queued:      {words.ClauseWaiting, words.ClauseWaiting},
	Held:        {words.ClauseHeld, words.ClauseHeldAlready},
	Staged:      {words.ClausePreparing, words.ClausePreparingAlready},
	Publishing:  {words.ClausePublishing, words.ClausePublishedNow},
	Published:   {words.ClausePublished, words.ClausePublished},
	Failed:      {words.ClauseFailed, words.ClauseFailed},
	Unconfirmed: {words.ClauseMayBeLive, words.ClauseMayBeLive},
	Skipped:     {words.ClauseSkipped, words.ClauseSkippedAlready},
}

// refusal is the error of a command that is not possible in a publication's state: what the state is, and which
// commands are possible.
func refusal(p Publication, c Command) error {
	is, already := clauses[p.State][0], clauses[p.State][1]
	switch {
	case p.State == Held && c == CommandHold && !p.Reason.IsZero() && !p.Reason.Is(reason.HeldByOwner):
		return tell(ErrIllegal, words.PublicationHeldAlready(p.ID, p.Reason.String(), possible(p.State)))
	case p.State == Publishing,
		p.State == Published,
		p.State == Held && c == CommandHold,
		p.State == Skipped && c == CommandSkip,
		p.State == Staged && (c == CommandPublish || c == CommandApprove):
		return tell(ErrIllegal, words.PublicationIs(p.ID, already))
	case p.State == Unconfirmed:
		return tell(ErrIllegal, words.PublicationMayBeLive(p.ID, possible(p.State)))
	}
	return tell(ErrIllegal, words.PublicationIsAndTakes(p.ID, is, possible(p.State)))
}

// possible returns the commands that are possible in a state.
func possible(s State) (all []string) {
	for _, c := range []Command{CommandPublish, CommandApprove, CommandHold, CommandConfirm, CommandRetry,
		CommandSkip} {
		if c.Allows(s) {
			all = append(all, string(c))
		}
	}
	return all
}

// finalEdits is the error of an edit that comes too late.
func finalEdits(p Publication) error {
	is := clauses[p.State][0]
	switch p.State {
	case Failed, Unconfirmed:
		return tell(ErrIllegal, words.EditsClosed(p.ID, is))
	}
	return tell(ErrIllegal, words.EditsFinal(p.ID, is))
}
