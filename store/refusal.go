package store

import (
	"postern/reason"
	"postern/words"
)

// clauses has for each state the words for it in a refusal. The second form is for a command that asks for the state
// that the publication already has.
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

// refusal returns the error for a command that is not possible in a publication's state. It says what the state is
// and which commands are possible.
func refusal(p Publication, c Command) error {
	is, already := clauses[p.State][0], clauses[p.State][1]
	switch {
	case p.State == Held && c == CommandHold && !p.Reason.IsZero() && !p.Reason.Is(reason.HeldByOwner):
		return withText(ErrIllegal, words.PublicationHeldAlready(p.ID, p.Reason.String(), possible(p.State)))
	case p.State == Publishing,
		p.State == Published,
		p.State == Held && c == CommandHold,
		p.State == Skipped && c == CommandSkip,
		p.State == Staged && (c == CommandPublish || c == CommandApprove):
		return withText(ErrIllegal, words.PublicationIs(p.ID, already))
	case p.State == Unconfirmed:
		return withText(ErrIllegal, words.PublicationMayBeLive(p.ID, possible(p.State)))
	}
	return withText(ErrIllegal, words.PublicationIsAndTakes(p.ID, is, possible(p.State)))
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

// finalEdits returns the error for an edit in a state that no longer allows edits.
func finalEdits(p Publication) error {
	is := clauses[p.State][0]
	switch p.State {
	case Failed, Unconfirmed:
		return withText(ErrIllegal, words.EditsClosed(p.ID, is))
	}
	return withText(ErrIllegal, words.EditsFinal(p.ID, is))
}
