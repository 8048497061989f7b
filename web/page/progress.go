package page

import (
	"fmt"
	"time"

	"postern/publisher"
	"postern/store"
	"postern/words"
)

// progressView is the progress of a publication that is being prepared or published. Words is "" when there is none.
type progressView struct {
	Words      string
	Done, Full int64  // Full is 0 when the total is unknown.
	Again      string // URL to poll
}

// progressOf returns the progress of a publication. It does no I/O, so it is cheap to poll.
func (s *Server) progressOf(l store.Listed) progressView {
	p, ok := s.publisher.Progress(l.ID)
	return newProgressView(l, p, ok)
}

func newProgressView(l store.Listed, p publisher.Progress, preparing bool) progressView {
	v := progressView{Again: fmt.Sprintf("/publications/%d", l.ID)}
	waits := l.Account.Paused || l.Account.Trouble != ""
	switch {
	case (l.State == store.Queued || l.State == store.Held) && preparing:
		v.Words = preparingWords(p)
		v.Done, v.Full = p.Done, p.Total
	case l.State == store.Staged && !waits:
		v.Words = words.ProgressAtInstagram
	}
	return v
}

func preparingWords(p publisher.Progress) string {
	length := func(ms int64) string { return (time.Duration(ms) * time.Millisecond).Round(time.Second).String() }
	switch {
	case p.Converting && p.Total > 0:
		return words.ProgressConverting(p.Position, p.Of, p.Done*100/p.Total, length(p.Done), length(p.Total))
	case p.Converting:
		return words.ProgressConverting(p.Position, p.Of, 0, length(p.Done), "")
	case p.Total > 0 && p.Done >= p.Total:
		return words.ProgressFetched(p.Position, p.Of)
	case p.Total > 0:
		return words.ProgressFetching(p.Position, p.Of, bytesWord(p.Done), bytesWord(p.Total))
	}
	return words.ProgressFetching(p.Position, p.Of, bytesWord(p.Done), "")
}
