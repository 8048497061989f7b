package store

import (
	"context"
	"fmt"
	"time"
)

// Figures are the numbers for a monitoring program, which reads them every few seconds.
type Figures struct {
	States    map[State]int       // number of publications; contains every state
	Published map[int64]int       // number of published publications by account
	OldestDue time.Time           // when the longest overdue work became due; zero if no work is due
	Feeds     FeedFigures         // feeds that are not removed
	Notices   map[Severity]int    // number of open notices; contains every severity
	Accounts  []Account           // accounts that are not removed
	LastLive  map[int64]time.Time // when the account's last publication went live; no entry for never
	InTrouble []Feed              // feeds with problems, at most figuresFeeds
}

// FeedFigures counts feeds. Each feed is counted in one of Well, Paused and Failing.
type FeedFigures struct {
	Well, Paused, Failing int
	OldestDue             time.Time // when the longest overdue poll became due; zero if none is due
}

// figuresFeeds is the maximum number of feeds that are listed individually.
const figuresFeeds = 100

// With a hundred thousand publications these queries are fast enough only if they read nothing but an index. A test
// checks their query plans.
const (
	figuresStates    = `SELECT account_id, state, count(*) FROM publications GROUP BY account_id, state`
	figuresNotices   = `SELECT severity, count(*) FROM notices WHERE closed_at IS NULL GROUP BY severity`
	figuresFeedKinds = `SELECT paused, problem_code <> '', count(*) FROM feeds WHERE removed_at IS NULL GROUP BY 1, 2`
)

// Figures reads all figures.
func (s *Store) Figures(ctx context.Context) (f Figures, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reading the figures: %w", err)
		}
	}()
	f = Figures{States: map[State]int{}, Published: map[int64]int{}, LastLive: map[int64]time.Time{},
		Notices: map[Severity]int{Info: 0, Warning: 0, Bad: 0}}
	for _, st := range States {
		f.States[st] = 0
	}
	if err = s.countRows(ctx, &f); err != nil {
		return f, err
	}
	if f.OldestDue, err = s.OldestDue(ctx); err != nil {
		return f, err
	}
	if f.Feeds.OldestDue, err = s.NextPoll(ctx); err != nil {
		return f, err
	}
	if f.Feeds.OldestDue.After(time.Now()) {
		f.Feeds.OldestDue = time.Time{}
	}
	if f.InTrouble, err = s.FeedsInTrouble(ctx, figuresFeeds); err != nil {
		return f, err
	}
	if f.Accounts, err = s.Accounts(ctx); err != nil {
		return f, err
	}
	for _, a := range f.Accounts {
		if f.Published[a.ID] > 0 {
			if f.LastLive[a.ID], err = s.LastPublished(ctx, a.ID); err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

// countRows counts publications, notices and feeds.
func (s *Store) countRows(ctx context.Context, f *Figures) error {
	if err := s.eachRow(ctx, figuresStates, func(row scanner) error {
		var account int64
		var st State
		var n int
		err := row.Scan(&account, &st, &n)
		f.States[st] += n
		if st == Published {
			f.Published[account] = n
		}
		return err
	}); err != nil {
		return err
	}
	if err := s.eachRow(ctx, figuresNotices, func(row scanner) error {
		var sev Severity
		var n int
		err := row.Scan(&sev, &n)
		f.Notices[sev] = n
		return err
	}); err != nil {
		return err
	}
	if err := s.eachRow(ctx, figuresFeedKinds, func(row scanner) error {
		var paused, failing bool
		var n int
		err := row.Scan(&paused, &failing, &n)
		switch {
		case paused:
			f.Feeds.Paused += n
		case failing:
			f.Feeds.Failing += n
		default:
			f.Feeds.Well += n
		}
		return err
	}); err != nil {
		return err
	}
	return nil
}

func (s *Store) eachRow(ctx context.Context, query string, f func(row scanner) error) error {
	rows, err := s.r.QueryContext(ctx, query)
	_, err = collect(rows, err, func(row scanner) (struct{}, error) { return struct{}{}, f(row) })
	return err
}
