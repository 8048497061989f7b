package page

import (
	"net/http"

	"postern/store"
	"postern/words"
)

// statesView explains every state, in the order in which a publication passes through them.
type statesView struct {
	frame
	States []stateLine
}

// stateLine is one state: its badge, its meaning, and a link to the posts in that state.
type stateLine struct {
	Badge   badge
	Meaning string
	Posts   string
}

func (s *Server) statesPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, statesTempl(newStatesView(s.frame(r, words.StatesTitle, ""))))
}

func newStatesView(f frame) statesView {
	v := statesView{frame: f}
	for _, line := range []struct {
		state   store.State
		meaning string
	}{
		{store.Queued, words.StateMeansQueued}, {store.Held, words.StateMeansHeld},
		{store.Staged, words.StateMeansStaged}, {store.Publishing, words.StateMeansPublishing},
		{store.Published, words.StateMeansPublished}, {store.Failed, words.StateMeansFailed},
		{store.Unconfirmed, words.StateMeansUncertain},
		{store.Skipped, words.StateMeansSkipped},
	} {
		v.States = append(v.States, stateLine{newBadge(line.state), line.meaning, "/posts?state=" + string(line.state)})
	}
	return v
}
