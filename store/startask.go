package store

import (
	"context"
	"time"

	"postern/reason"
	"postern/words"
)

// StartAnswer is the owner's decision about posts that are older than their account.
type StartAnswer string

// The possible answers.
const (
	StartPublish StartAnswer = "publish" // publish them in order
	StartHold    StartAnswer = "hold"    // hold each for approval
	StartSkip    StartAnswer = "skip"    // publish none
)

// StartAsked returns the number of held posts that wait for the owner's StartAnswer, by account.
func (s *Store) StartAsked(ctx context.Context) (map[int64]int, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT account_id, count(*) FROM publications WHERE start_asked = 1 AND state = 'held' GROUP BY account_id`)
	out := map[int64]int{}
	_, err = collect(rows, err, func(row scanner) (x struct{}, err error) {
		var id int64
		var n int
		err = row.Scan(&id, &n)
		out[id] = n
		return x, err
	})
	return out, err
}

// AnswerStart applies the owner's decision to all posts of an account that wait for it, and returns their number. A
// second call finds none and returns 0.
func (s *Store) AnswerStart(ctx context.Context, account int64, answer StartAnswer, by Actor) (n int, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx,
			`SELECT `+publicationColumns+
				` FROM publications WHERE account_id = $1 AND start_asked = 1 AND state = 'held' ORDER BY id`, account)
		pubs, err := collect(rows, err, scanPublication)
		if err != nil {
			return err
		}
		for _, p := range pubs {
			c := Change{To: Queued, Actor: by, DueAt: time.Now(), Note: words.HistoryOlderApproved}
			switch answer {
			case StartHold:
				c = Change{To: Held, Actor: by, Reason: reason.New(reason.StartHold)}
			case StartSkip:
				c = Change{To: Skipped, Actor: by, Reason: reason.New(reason.SkippedByOwner)}
			}
			if _, err := advance(ctx, tx, p.ID, p.Version, c); err != nil {
				return err
			}
		}
		n = len(pubs)
		_, err = tx.ExecContext(ctx,
			`UPDATE publications SET start_asked = 0 WHERE account_id = $1 AND start_asked = 1`, account)
		return err
	})
	return n, err
}
