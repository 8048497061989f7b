package store_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/reason"
	"postern/store"
)

// legal deliberately repeats the table in docs/states.md, instead of using the table in the code.
var legal = map[store.State]map[store.State]bool{
	store.Queued: {store.Queued: true, store.Held: true, store.Staged: true, store.Failed: true,
		store.Skipped: true},
	store.Held: {store.Held: true, store.Queued: true, store.Skipped: true},
	store.Staged: {store.Staged: true, store.Queued: true, store.Held: true, store.Publishing: true,
		store.Published: true, store.Failed: true, store.Skipped: true},
	store.Publishing: {store.Publishing: true, store.Published: true, store.Staged: true, store.Queued: true,
		store.Failed: true, store.Unconfirmed: true},
	store.Failed:      {store.Queued: true, store.Skipped: true},
	store.Unconfirmed: {store.Unconfirmed: true, store.Published: true, store.Queued: true, store.Skipped: true},
	store.Skipped:     {store.Queued: true},
	store.Published:   {store.Published: true},
}

// many returns one queued publication for each of n accounts.
func many(t *testing.T, n int) (fixture, []store.Publication) {
	t.Helper()
	h := setup(t)
	for i := range n {
		h.account(fmt.Sprint("a", i))
	}
	f := h.feed("https://blog.example/feed", "all")
	h.save(f, post("1", -hour))
	list, err := h.Publications(t.Context(), store.Filter{})
	require.NoError(t, err)
	require.Len(t, list, n)
	out := make([]store.Publication, n)
	for i, l := range list {
		out[i] = l.Publication
	}
	return h, out
}

func TestAdvanceAllowsOnlyLegalMoves(t *testing.T) {
	t.Parallel()
	for _, from := range store.States {
		t.Run(string(from), func(t *testing.T) {
			t.Parallel()
			h, pubs := many(t, len(store.States))
			for i, state := range store.States {
				p := h.bring(pubs[i], from)
				events, err := h.EventsOf(t.Context(), p.ID)
				require.NoError(t, err)
				got, err := h.Advance(t.Context(), p, to(from, state))
				after, readErr := h.Publication(t.Context(), p.ID)
				require.NoError(t, readErr)
				told, readErr := h.EventsOf(t.Context(), p.ID)
				require.NoError(t, readErr)
				if !legal[from][state] {
					require.ErrorIs(t, err, store.ErrIllegal, "%s → %s", from, state)
					require.Equal(t, p.State, after.State)
					require.Equal(t, p.Version, after.Version)
					require.Equal(t, events, told)
					continue
				}
				require.NoError(t, err, "%s → %s", from, state)
				require.Equal(t, state, after.State)
				require.Equal(t, p.Version+1, after.Version)
				require.Equal(t, got.Version, after.Version)
				require.Equal(t, state.Open(), !after.DueAt.IsZero())
				require.False(t, after.Leased)
				if from != state {
					require.Len(t, told, len(events)+1)
					require.Equal(t, from, told[len(events)].From)
					require.Equal(t, state, told[len(events)].To)
				}
			}
		})
	}
}

func TestAdvanceRequiresEvidence(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 6)
	refuse := func(p store.Publication, c store.Change) {
		t.Helper()
		_, err := h.Advance(t.Context(), p, c)
		require.ErrorIs(t, err, store.ErrIllegal)
		after, err := h.Publication(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, p, after, "a refused change leaves no trace")
	}
	now := time.Now()
	refuse(pubs[0], store.Change{To: store.Staged, DueAt: now, Freeze: frozen()})
	refuse(pubs[0], store.Change{To: store.Staged, DueAt: now, Containers: finished()})
	refuse(pubs[0], store.Change{To: store.Queued})

	child := finished()
	child[0].Position = 1
	p := h.advance(pubs[1], store.Change{To: store.Staged, DueAt: now, Freeze: frozen(), Containers: child})
	p, err := h.Publication(t.Context(), p.ID)
	require.NoError(t, err)
	refuse(p, store.Change{To: store.Publishing, DueAt: now}) // only a child container is finished
	slow := finished()
	slow[0].Status = "IN_PROGRESS"
	p = h.advance(p, store.Change{To: store.Staged, DueAt: now, Containers: slow})
	p, err = h.Publication(t.Context(), p.ID)
	require.NoError(t, err)
	refuse(p, store.Change{To: store.Publishing, DueAt: now})
	p = h.advance(p, store.Change{To: store.Publishing, DueAt: now, Containers: finished()})
	require.WithinDuration(t, now, p.AskedAt, time.Minute)

	p, err = h.Publication(t.Context(), p.ID)
	require.NoError(t, err)
	refuse(p, store.Change{To: store.Queued, DueAt: now}) // the same container could be created again
	p = h.bring(pubs[2], store.Unconfirmed)
	p, err = h.Publication(t.Context(), p.ID)
	require.NoError(t, err)
	refuse(p, store.Change{To: store.Queued, DueAt: now, Restart: true})
	refuse(p, store.Change{To: "", DueAt: now})
	refuse(p, store.Change{To: "running", DueAt: now})

	stale := pubs[3]
	h.advance(stale, store.Change{To: store.Queued, DueAt: now, Reason: reason.Text("a gate")})
	_, err = h.Advance(t.Context(), stale, store.Change{To: store.Queued, DueAt: now})
	require.ErrorIs(t, err, store.ErrConflict)
	stale.ID = 9999
	_, err = h.Advance(t.Context(), stale, store.Change{To: store.Queued, DueAt: now})
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestAdvanceStoresChanges(t *testing.T) {
	t.Parallel()
	h, _ := many(t, 1)
	p, err := h.Claim(t.Context(), time.Minute)
	require.NoError(t, err)
	lease := p.DueAt
	made := time.Now().Add(-3 * time.Second).Truncate(time.Millisecond).UTC()
	frozen := &store.Frozen{Kind: store.KindCarousel, Caption: "words", Items: []store.Item{
		{Type: store.Image, SourceURL: "https://blog.example/1.jpg", Alt: "one", Asset: "a.jpg"},
		{Type: store.Video, SourceURL: "https://blog.example/2.mp4", PosterURL: "https://blog.example/2.jpg",
			CoverAsset: "c.jpg"},
	}, Extras: store.Extras{LocationID: "7640348500", Collaborators: []string{"ada"}, ShareToFeed: new(false),
		FirstComment: "First."}}
	p = h.advance(p, store.Change{To: store.Staged, Keep: true, Freeze: frozen,
		Containers: []store.Container{{Position: 1, ID: "c1", CreatedAt: made}}})
	require.True(t, p.Leased)
	require.Equal(t, lease, p.DueAt)
	p = h.advance(p, store.Change{To: store.Staged, Keep: true,
		Containers: []store.Container{{Position: 2, ID: "c2", CreatedAt: made}}})
	p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now(), Try: true, Code: 2, TraceID: "T",
		Containers: []store.Container{{Position: 0, ID: "c0", CreatedAt: made, Status: "FINISHED"}}})
	got, err := h.Publication(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, p.Version, got.Version)
	require.Equal(t, 1, got.Tries)
	require.Zero(t, got.Claims)
	require.False(t, got.Leased)
	require.Equal(t, []store.Container{{Round: 1, Position: 0, ID: "c0", CreatedAt: made, Status: "FINISHED"},
		{Round: 1, Position: 1, ID: "c1", CreatedAt: made}, {Round: 1, Position: 2, ID: "c2", CreatedAt: made}},
		got.Containers)
	require.Equal(t, "words", got.Caption)
	require.Len(t, got.Items, 2)
	require.Equal(t, 2, got.Items[1].Position)
	require.Equal(t, "c.jpg", got.Items[1].CoverAsset)
	require.Equal(t, frozen.Extras, got.Extras)
	_, ok := got.Container(3)
	require.False(t, ok)

	p = h.advance(p, store.Change{To: store.Publishing, Keep: true})
	p = h.advance(p, store.Change{To: store.Queued, NewRound: true, Reason: reason.Text("the container expired"),
		DueAt: time.Now()})
	require.Equal(t, 2, p.Round)
	require.Empty(t, p.Containers, "a new round starts without containers of an earlier one")
	require.Empty(t, p.Items)
	require.Empty(t, p.Caption)
	require.Equal(t, store.Extras{}, p.Extras)
	require.Equal(t, 1, p.Tries)

	p = h.advance(p, store.Change{To: store.Staged, Keep: true, Freeze: frozen, Containers: finished(),
		DueAt: time.Now()})
	p = h.advance(p, store.Change{To: store.Publishing, Keep: true, DueAt: time.Now()})
	p = h.advance(p, store.Change{To: store.Published, MediaID: "m1"})
	require.False(t, p.PublishedAt.IsZero())
	require.Len(t, p.Items, 2, "the sent items are kept")
	require.Equal(t, "words", p.Caption)
	published := p.PublishedAt

	f, err := h.ClaimFollowUp(t.Context(), time.Minute)
	require.NoError(t, err)
	require.Equal(t, store.FollowUp{PublicationID: p.ID, Kind: store.FollowPermalink, Version: 1}, f)
	f, err = h.ClaimFollowUp(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, store.FollowUp{PublicationID: p.ID, Kind: store.FollowComment, Version: 1}, f,
		"the follow-up exists from the moment the post is live")
	require.NoError(t, h.AskFollowUp(t.Context(), f))
	f, err = h.ClaimFollowUp(t.Context(), time.Minute)
	require.NoError(t, err)
	require.Equal(t, 1, f.Tries)
	require.False(t, f.AskedAt.IsZero(), "the next attempt must know that the write was requested")
	for since, want := range map[time.Duration]int{-time.Minute: 1, time.Minute: 0} {
		n, err := h.CountPublished(t.Context(), p.AccountID, published.Add(since))
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	p = h.advance(p, store.Change{To: store.Published, Permalink: "https://instagram.example/p/1"})
	require.Equal(t, "m1", p.MediaID)
	require.WithinDuration(t, published, p.PublishedAt, time.Millisecond, "the time is set once")
	at, err := h.LastPublished(t.Context(), p.AccountID)
	require.NoError(t, err)
	require.WithinDuration(t, published, at, time.Second)
	ids, err := h.KnownMedia(t.Context(), []string{"m0", "m1", "", "m2"})
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"m1": true}, ids)
	ids, err = h.KnownMedia(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, ids)
	counts, err := h.CountStates(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[store.State]int{store.Published: 1}, counts)
}

func TestStatusReadsAreNotRecorded(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 1)
	p := h.bring(pubs[0], store.Staged)
	before, err := h.EventsOf(t.Context(), p.ID)
	require.NoError(t, err)
	for range 3 {
		p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now()})
	}
	require.Equal(t, "because", p.Reason.String(), "a reason stays until another one replaces it")
	after, err := h.EventsOf(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, before, after)
	p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now(), Reason: reason.Text("still being prepared"),
		Code: 9007, Subcode: 2207027, TraceID: "T1"})
	p = h.advance(p, store.Change{To: store.Staged, DueAt: time.Now(), Note: "paused", Actor: store.CLI})
	after, err = h.EventsOf(t.Context(), p.ID)
	require.NoError(t, err)
	require.Len(t, after, len(before)+2)
	require.Equal(t, 2207027, after[len(before)].Subcode)
	require.Equal(t, "T1", after[len(before)].TraceID)
	require.Equal(t, "paused", after[len(before)+1].Message)
	require.Equal(t, store.CLI, after[len(before)+1].Actor)
}

// Advance refuses a second publication in flight on one account, and a media id that belongs to another publication.
// Both return an error on which the caller can act.
func TestAdvanceRefusesSecondInFlightAndTakenMedium(t *testing.T) {
	t.Parallel()
	h := setup(t)
	f := h.feed("https://blog.example/feed", "all")
	a := h.account("alice")
	h.save(f, post("1", -2*hour), post("2", -hour))
	first, second := h.pub("1", a.ID), h.pub("2", a.ID)
	first = h.bring(first, store.Staged)
	_, err := h.Advance(t.Context(), second, to(store.Queued, store.Staged))
	require.ErrorIs(t, err, store.ErrConflict)

	first = h.advance(first, to(store.Staged, store.Publishing))
	h.advance(first, store.Change{To: store.Published, MediaID: "m1"})
	second = h.bring(second, store.Publishing)
	_, err = h.Advance(t.Context(), second, store.Change{To: store.Published, MediaID: "m1"})
	require.ErrorIs(t, err, store.ErrIllegal)
	h.advance(second, store.Change{To: store.Published, MediaID: "m2"})
}

var commands = map[store.Command]map[store.State]store.State{
	store.CommandPublish: {store.Held: store.Queued, store.Skipped: store.Queued, store.Queued: store.Queued},
	store.CommandHold:    {store.Queued: store.Held, store.Staged: store.Held},
	store.CommandSkip: {store.Queued: store.Skipped, store.Held: store.Skipped, store.Staged: store.Skipped,
		store.Failed: store.Skipped, store.Unconfirmed: store.Skipped},
	store.CommandRetry:   {store.Failed: store.Queued, store.Unconfirmed: store.Queued},
	store.CommandConfirm: {store.Unconfirmed: store.Published},
	"dance":              {},
}

func TestDo(t *testing.T) {
	t.Parallel()
	for command, table := range commands {
		t.Run(string(command), func(t *testing.T) {
			t.Parallel()
			h, pubs := many(t, len(store.States))
			for i, from := range store.States {
				p := h.bring(pubs[i], from)
				order := store.Order{Command: command, By: store.Visitor, NotLive: true, Shown: from,
					Permalink: "https://instagram.example/p/1"}
				want, ok := table[from]
				require.Equal(t, ok, command.Allows(from))
				order.Shown = store.Failed
				if from == store.Failed {
					order.Shown = store.Held
				}
				_, err := h.Do(t.Context(), p.ID, order)
				require.ErrorIs(t, err, store.ErrConflict, "the person decided about another state")
				order.Shown = from
				got, err := h.Do(t.Context(), p.ID, order)
				if !ok {
					require.ErrorIs(t, err, store.ErrIllegal, "%s %s", command, from)
					continue
				}
				require.NoError(t, err, "%s %s", command, from)
				require.Equal(t, want, got.State)
				if want == store.Queued {
					require.True(t, got.Expedited)
					require.False(t, got.DueAt.After(time.Now()))
					require.Empty(t, got.Containers)
				}
				events, err := h.EventsOf(t.Context(), p.ID)
				require.NoError(t, err)
				require.Equal(t, store.Visitor, events[len(events)-1].Actor)
			}
			_, err := h.Do(t.Context(), 9999, store.Order{Command: command})
			require.ErrorIs(t, err, store.ErrNotFound)
		})
	}
}

func TestRetryOfUnconfirmedNeedsConfirmation(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 1)
	p := h.bring(pubs[0], store.Unconfirmed)
	_, err := h.Do(t.Context(), p.ID, store.Order{Command: store.CommandRetry})
	require.ErrorIs(t, err, store.ErrIllegal)
	require.ErrorContains(t, err, "--not-live")
	p, err = h.Do(t.Context(), p.ID, store.Order{Command: store.CommandRetry, NotLive: true})
	require.NoError(t, err)
	require.Equal(t, 1, p.Round)
	require.Zero(t, p.Tries)
	require.True(t, p.AskedAt.IsZero())
}

func TestRetryResetsCounters(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 1)
	p := h.bring(pubs[0], store.Staged)
	p = h.advance(p, store.Change{To: store.Queued, NewRound: true, Try: true, DueAt: time.Now(),
		Reason: reason.Text("expired")})
	p = h.advance(p, store.Change{To: store.Failed, Try: true, Reason: reason.Text("tries used up")})
	require.Equal(t, 2, p.Round)
	require.Equal(t, 2, p.Tries)
	p = h.do(p.ID, store.CommandRetry)
	require.Equal(t, 1, p.Round)
	require.Zero(t, p.Tries)
	p = h.advance(p, to(store.Queued, store.Staged))
	require.Len(t, p.Containers, 1)
}

// A command must not queue a publication of a removed account, where it would wait forever.
func TestCommandsForRemovedAccount(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 4)
	for i, state := range []store.State{store.Skipped, store.Failed, store.Unconfirmed, store.Unconfirmed} {
		h.bring(pubs[i], state)
		require.NoError(t, h.RemoveAccount(t.Context(), pubs[i].AccountID, store.CLI))
	}
	for i, c := range []store.Command{store.CommandPublish, store.CommandRetry, store.CommandRetry} {
		_, err := h.Do(t.Context(), pubs[i].ID, store.Order{Command: c, NotLive: true})
		require.ErrorIs(t, err, store.ErrIllegal, c)
		require.ErrorContains(t, err, "was removed. Add the account again first")
	}
	require.Equal(t, store.Skipped, h.do(pubs[1].ID, store.CommandSkip).State)
	require.Equal(t, store.Skipped, h.do(pubs[2].ID, store.CommandSkip).State)
	require.Equal(t, store.Published, h.do(pubs[3].ID, store.CommandConfirm).State)
}

func TestEdit(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, len(store.States))
	words := "my words"
	for i, state := range store.States {
		p := h.bring(pubs[i], state)
		err := h.Edit(t.Context(), p.ID, 0, store.Edits{Caption: &words}, store.Visitor)
		if state != store.Queued && state != store.Held && state != store.Skipped {
			require.ErrorIs(t, err, store.ErrIllegal, state)
			continue
		}
		require.NoError(t, err)
		require.ErrorIs(t, h.Edit(t.Context(), p.ID, 0, store.Edits{}, store.Visitor), store.ErrConflict)
		got, err := h.Publication(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, words, *got.Edits.Caption)
		require.Equal(t, int64(1), got.Revision)
		require.Greater(t, got.Version, p.Version, "a worker that composed without the edit must fail")
		require.NoError(t, h.Edit(t.Context(), p.ID, 1, store.Edits{}, store.Visitor))
	}
	require.ErrorIs(t, h.Edit(t.Context(), 9999, 0, store.Edits{}, store.Visitor), store.ErrNotFound)
}

// The schema itself also refuses rows that break the rules.
func TestSchemaConstraints(t *testing.T) {
	t.Parallel()
	h, pubs := many(t, 5)
	h.bring(pubs[1], store.Staged)
	h.bring(pubs[2], store.Published)
	h.bring(pubs[3], store.Held)
	h.bring(pubs[4], store.Publishing)
	h.save(store.Feed{ID: 1}, post("1", -hour), post("2", -2*hour))
	db := h.raw()
	for _, statement := range []string{
		`UPDATE publications SET state = 'running' WHERE id = 1`,
		`UPDATE publications SET due_at = NULL WHERE id = 1`,
		`UPDATE publications SET due_at = NULL WHERE id = 2`,
		`UPDATE publications SET due_at = 1 WHERE id = 3`,
		`UPDATE publications SET leased = 1 WHERE id = 4`,
		`UPDATE publications SET due_at = 1 WHERE id = 4`,
		`UPDATE publications SET asked_at = NULL WHERE id = 5`,
		`UPDATE publications SET published_at = NULL WHERE id = 3`,
		`UPDATE publications SET published_at = 1 WHERE id = 1`,
		`UPDATE publications SET media_id = 'm' WHERE id = 1`,
		`UPDATE publications SET permalink = 'm' WHERE id = 2`,
		`UPDATE publications SET kind = '' WHERE id = 2`,
		`UPDATE publications SET kind = 'poem' WHERE id = 2`,
		`UPDATE publications SET leased = 2 WHERE id = 1`,
		`UPDATE publications SET tries = -1 WHERE id = 1`,
		`UPDATE publications SET round = 0 WHERE id = 1`,
		`UPDATE publications SET part = 0 WHERE id = 1`,
		`UPDATE publications SET due_at = 'soon' WHERE id = 1`,
		`UPDATE publications SET account_id = 99 WHERE id = 1`,
		`INSERT INTO publications (post_id, feed_id, account_id, state, due_at, created_at)
			VALUES (1, 1, 1, 'queued', 1, 1)`,
		`UPDATE publications SET state = 'staged', kind = 'image', account_id = 2 WHERE post_id = 2 AND account_id = 1`,
		`UPDATE publications SET media_id = 'm' WHERE id = 3; UPDATE publications
			SET media_id = 'm', state = 'published', published_at = 1, due_at = NULL WHERE id = 5`,
		`INSERT INTO posts (feed_id, guid, first_seen_at, initial, content_hash, decision)
			VALUES (1, '1', 1, 0, '', 'publish')`,
		`INSERT INTO posts (feed_id, guid, first_seen_at, initial, content_hash, decision)
			VALUES (1, '', 1, 0, '', 'publish')`,
		`INSERT INTO posts (feed_id, guid, first_seen_at, initial, content_hash, decision)
			VALUES (1, 'x', 1, 0, '', 'perhaps')`,
		`INSERT INTO posts (feed_id, guid, first_seen_at, initial, content_hash, decision)
			VALUES (99, 'x', 1, 0, '', 'publish')`,
		`INSERT INTO feeds (url, next_poll_at, created_at) VALUES ('https://blog.example/feed', 1, 1)`,
		`INSERT INTO accounts (api, user_id, created_at) VALUES ('instagram', '1784a0', 1)`,
		`INSERT INTO accounts (api, user_id, created_at) VALUES ('instagram', '', 1)`,
		`INSERT INTO accounts (api, user_id, created_at) VALUES ('myspace', '1', 1)`,
		`UPDATE accounts SET trouble = 'wait' WHERE id = 1`,
		`UPDATE accounts SET trouble = 'flu' WHERE id = 1`,
		`INSERT INTO routes (feed_id, account_id, initial) VALUES (1, 1, 'rule')`,
		`INSERT INTO containers (publication_id, round, position, id, created_at) VALUES (1, 1, 0, '', 1)`,
		`INSERT INTO follow_ups (publication_id, kind, state, due_at) VALUES (3, 'song', 'due', 1)`,
		`INSERT INTO events (at, actor, kind) VALUES (1, 'nobody', 'x')`,
		`DELETE FROM accounts WHERE id = 1`,
		`DELETE FROM posts WHERE id = 1`,
	} {
		refuses(t, db, statement)
	}
}

func refuses(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec(statement)
	require.NoError(t, tx.Rollback())
	require.ErrorContains(t, err, "constraint", statement)
}
