package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/reason"
)

// State is what is known for certain about a publication. There is no state for "being worked on"; a lease says
// that. docs/states.md shows every state change.
type State string

const (
	// Queued: Instagram has nothing of the publication, or only containers that nobody can see.
	Queued State = "queued"
	// Held: the publication waits for a person. The reason says why.
	Held State = "held"
	// Staged: at least one container exists and its id is recorded. Caption and items are frozen as sent.
	Staged State = "staged"
	// Publishing: the intent to call media_publish was recorded, and the call may have been sent. If the process died
	// here, the post may be live, so only reads are allowed.
	Publishing State = "publishing"
	// Published: the post is live. This state is final.
	Published State = "published"
	// Failed: the post is not live. Only a person can retry it.
	Failed State = "failed"
	// Unconfirmed: the post may be live, but Instagram gives no evidence. A person decides.
	Unconfirmed State = "unconfirmed"
	// Skipped: a rule or a person decided not to publish it.
	Skipped State = "skipped"
)

// States lists every state in the order of a publication's life.
var States = []State{Queued, Held, Staged, Publishing, Published, Failed, Unconfirmed, Skipped}

// Open reports whether Postern still works on a publication in this state without a person.
func (s State) Open() bool { return s == Queued || s == Staged || s == Publishing }

// moves lists the legal state changes. A change to the same state only changes the reason or the due time.
var moves = map[State][]State{
	Queued:      {Queued, Held, Staged, Failed, Skipped},
	Held:        {Held, Queued, Skipped},
	Staged:      {Staged, Queued, Held, Publishing, Published, Failed, Skipped},
	Publishing:  {Publishing, Published, Staged, Queued, Failed, Unconfirmed},
	Failed:      {Queued, Skipped},
	Unconfirmed: {Unconfirmed, Published, Queued, Skipped},
	Skipped:     {Queued},
	Published:   {Published}, // the permalink may arrive later
}

func legal(from, to State) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Kind is the type of post that a publication becomes on Instagram.
type Kind string

// The values of Kind.
const (
	KindImage    Kind = "image"
	KindCarousel Kind = "carousel"
	KindReel     Kind = "reel"
	KindStory    Kind = "story"
)

// Item is one picture or video as it is sent, fixed when the publication is staged.
type Item struct {
	Position   int // from 1
	Type       MediaType
	SourceURL  string
	Alt        string
	PosterURL  string
	Asset      string // name of our copy; "" for a video that Instagram fetches from the site
	CoverAsset string
	SentURL    string // where Instagram fetches it: the URL of our copy, or SourceURL
	SentCover  string
}

// Extras is what is sent in addition to media and caption, fixed when the publication is staged.
type Extras struct {
	LocationID    string   `json:"location_id,omitempty"`
	Collaborators []string `json:"collaborators,omitempty"`
	UserTags      []string `json:"user_tags,omitempty"`
	ShareToFeed   *bool    `json:"share_to_feed,omitempty"` // for a reel; nil leaves the choice to Instagram
	FirstComment  string   `json:"first_comment,omitempty"` // written by a follow-up once the post is live
	Sent          *Sent    `json:"sent,omitempty"`          // nil if staged by a version that did not save it
}

// Sent records settings, notes and checks at the time of staging, because post and settings may change later.
type Sent struct {
	Settings []SentSetting `json:"settings,omitempty"` // settings that differ from the defaults
	Notes    []string      `json:"notes,omitempty"`
	Checks   []Check       `json:"checks,omitempty"` // checks of the plan: what was left out or cut
}

// SentSetting is a setting as it was when the publication was staged, and where it was set.
type SentSetting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// Container is one media container at Instagram.
type Container struct {
	Round     int
	Position  int // 0 is the one to publish, children from 1
	ID        string
	CreatedAt time.Time // by Instagram's clock
	Status    string    // last status_code that was read; "" for none
}

// Publication is a post, or one part of it, to be published on one account.
type Publication struct {
	ID, PostID, AccountID int64
	Part                  int  // from 1
	Parts                 int  // number of parts into which the post was split; 1 if it was not split
	Kind                  Kind // "" until staged
	State                 State
	Reason                reason.Reason // why it is in this state, in plain words
	Caption               string        // as sent; "" until staged
	Extras                Extras        // as sent; empty until staged
	Edits                 Edits
	Revision              int64     // incremented only by a person's edits
	Version               int64     // incremented by every write
	Leased                bool      // a step is running
	LeasedBy              string    // while Leased: the Store that runs the step; see Store.Owner
	StartedAt             time.Time // while Leased: when the step began
	Intents               int64     // number of recorded intents to publish
	Expedited             bool      // a person chose "publish now"
	Approved              bool      // a person approved it: it is published in order
	Tries                 int       // number of errors that Instagram returned for this post
	Round                 int       // number of the current set of containers, from 1
	Claims                int       // consecutive claims without a recorded outcome
	DueAt                 time.Time
	// ReadyAt is when the publication can be published after the earlier ones of its account. The publisher computes
	// ReadyAt and the fields up to Zone; they are not stored.
	ReadyAt time.Time
	// Gates is why the publication waits, apart from a pause or a problem of its account.
	Gates reason.Reason
	// ReasonNow is the current reason for the state, if the circumstances of the stored reason may have changed.
	ReasonNow reason.Reason
	// Unapproved says that the account or the feed requires an approval that the publication does not have.
	Unapproved bool
	// ApproveFrom says which settings require the approval.
	ApproveFrom string
	// InTurn says that other publications of the account are published between the end of Gates and ReadyAt.
	InTurn bool
	// Zone is the time zone of its settings, in which its reasons give times; computed with ReadyAt, not stored.
	Zone *time.Location
	// AskedAt is when publish was last requested; zero if never, or once absence is proven. For a publication that
	// turned out to be live only later, it is when that was found.
	AskedAt     time.Time
	MediaID     string
	Permalink   string
	PublishedAt time.Time
	Unanswered  int // consecutive publish requests without an answer that showed the outcome
	// VerifySince is set after a restore: before publishing, the profile is read back to this time. Zero skips this.
	VerifySince time.Time
	CreatedAt   time.Time
	DateAsked   bool      // held only because of the post's date; queued again once the site corrects the date
	MissingURL  string    // URL of the missing picture or video that made it fail; "" for other failures
	MissingAt   time.Time // when Postern last tried to fetch it; zero if MissingURL is ""
	Items       []Item
	Containers  []Container // of the current round
}

// Container returns the container at a position in the current round, and false if there is none.
func (p Publication) Container(position int) (Container, bool) {
	for _, c := range p.Containers {
		if c.Position == position {
			return c, true
		}
	}
	return Container{}, false
}

const publicationColumns = `publications.id, publications.post_id, publications.account_id, publications.part,
	publications.parts, publications.kind,
	publications.state, publications.reason_code, publications.reason_args, publications.caption, publications.extras,
		publications.edits, publications.revision, publications.version,
	publications.leased, publications.leased_by, publications.started_at, publications.intents, publications.expedited,
		publications.approved, publications.tries, publications.round, publications.claims, publications.due_at,
	publications.asked_at, publications.media_id, publications.permalink, publications.published_at,
		publications.verify_since, publications.unanswered, publications.created_at, publications.date_asked,
			publications.missing_url, publications.missing_at`

func scanPublication(row scanner) (Publication, error) {
	var p Publication
	var edits, extras string
	err := row.Scan(&p.ID, &p.PostID, &p.AccountID, &p.Part, &p.Parts, &p.Kind, &p.State, &p.Reason.Code,
		&p.Reason.Args, &p.Caption, &extras, &edits, &p.Revision, &p.Version,
		&p.Leased, &p.LeasedBy, instant{&p.StartedAt}, &p.Intents, &p.Expedited, &p.Approved, &p.Tries, &p.Round,
		&p.Claims, instant{&p.DueAt}, instant{&p.AskedAt}, &p.MediaID, &p.Permalink,
		instant{&p.PublishedAt}, instant{&p.VerifySince}, &p.Unanswered, instant{&p.CreatedAt}, &p.DateAsked,
		&p.MissingURL, instant{&p.MissingAt})
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(edits), &p.Edits); err != nil {
		return p, fmt.Errorf("edits of publication %d: %w", p.ID, err)
	}
	if err := json.Unmarshal([]byte(extras), &p.Extras); err != nil {
		return p, fmt.Errorf("extras of publication %d: %w", p.ID, err)
	}
	return p, nil
}

func publicationIn(ctx context.Context, q querier, id int64) (Publication, error) {
	p, err := scanPublication(
		q.QueryRowContext(ctx, `SELECT `+publicationColumns+` FROM publications WHERE id = $1`, id))
	if err != nil {
		return p, notFound(err, fmt.Sprintf("publication %d", id))
	}
	return p, loadParts(ctx, q, &p)
}

func loadParts(ctx context.Context, q querier, p *Publication) error {
	rows, err := q.QueryContext(ctx,
		`SELECT position, type, source_url, alt, poster_url, asset, cover_asset, sent_url, sent_cover_url FROM items
		WHERE publication_id = $1 ORDER BY position`, p.ID)
	if p.Items, err = collect(rows, err, func(row scanner) (Item, error) {
		var i Item
		return i, row.Scan(&i.Position, &i.Type, &i.SourceURL, &i.Alt, &i.PosterURL, &i.Asset, &i.CoverAsset,
			&i.SentURL, &i.SentCover)
	}); err != nil {
		return err
	}
	rows, err = q.QueryContext(ctx, `SELECT round, position, id, created_at, status FROM containers
		WHERE publication_id = $1 AND round = $2 ORDER BY position`, p.ID, p.Round)
	p.Containers, err = collect(rows, err, func(row scanner) (Container, error) {
		var c Container
		return c, row.Scan(&c.Round, &c.Position, &c.ID, instant{&c.CreatedAt}, &c.Status)
	})
	return err
}

// Publication returns a publication with its items and the containers of its current round. It returns ErrNotFound
// if there is none with this id.
func (s *Store) Publication(ctx context.Context, id int64) (Publication, error) {
	return publicationIn(ctx, s.r, id)
}

// Filter limits the result of Publications. A zero field does not limit it.
type Filter struct {
	States    []State
	Codes     []reason.Code // of the reasons
	AccountID int64
	FeedID    int64
	Since     int64 // only those with an event of a higher id
	Limit     int   // 0 for all
	Newest    bool  // newest first instead of oldest first
}

// Listed is a publication with its post, account and feed.
type Listed struct {
	Publication
	Post      Post
	Account   Account
	Feed      Feed
	Preflight Preflight // zero if there was none; in a list also zero for publications that Instagram already has
}

// Publications returns publications with their posts, accounts and feeds, in the order in which they were found.
func (s *Store) Publications(ctx context.Context, f Filter) ([]Listed, error) {
	where, args := []string{"1 = 1"}, []any{}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if len(f.States) > 0 {
		marks := make([]string, len(f.States))
		for i, st := range f.States {
			marks[i] = arg(string(st))
		}
		where = append(where, "state IN ("+strings.Join(marks, ", ")+")")
	}
	if len(f.Codes) > 0 {
		marks := make([]string, len(f.Codes))
		for i, code := range f.Codes {
			marks[i] = arg(string(code))
		}
		where = append(where, "reason_code IN ("+strings.Join(marks, ", ")+")")
	}
	if f.AccountID != 0 {
		where = append(where, "account_id = "+arg(f.AccountID))
	}
	if f.FeedID != 0 {
		where = append(where, "feed_id = "+arg(f.FeedID))
	}
	if f.Since != 0 {
		where = append(where, "EXISTS (SELECT 1 FROM events WHERE publication_id = publications.id AND events.id > "+
			arg(f.Since)+")")
	}
	order := ifElse(f.Newest, "publications.id DESC", "publications.id")
	limit := ""
	if f.Limit > 0 {
		limit = " LIMIT " + arg(f.Limit)
	}
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+publicationColumns+` FROM publications WHERE `+strings.Join(where, " AND ")+` ORDER BY `+order+limit,
		args...)
	pubs, err := collect(rows, err, scanPublication)
	if err != nil {
		return nil, fmt.Errorf("listing publications: %w", err)
	}
	return s.whole(ctx, pubs)
}

// Listed returns a publication with its post, account and feed. It returns ErrNotFound if there is none with this
// id.
func (s *Store) Listed(ctx context.Context, id int64) (Listed, error) {
	var l Listed
	var err error
	if l.Publication, err = s.Publication(ctx, id); err != nil {
		return l, err
	}
	if l.Post, err = s.Post(ctx, l.PostID); err != nil {
		return l, err
	}
	if l.Account, err = s.Account(ctx, l.AccountID); err != nil {
		return l, err
	}
	if l.Feed, err = s.Feed(ctx, l.Post.FeedID); err != nil {
		return l, err
	}
	if l.Preflight, err = s.Preflight(ctx, id); errors.Is(err, ErrNotFound) {
		err = nil
	}
	return l, err
}

// CountStates counts the publications in each state.
func (s *Store) CountStates(ctx context.Context) (map[State]int, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT state, count(*) FROM publications GROUP BY state`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[State]int{}
	for rows.Next() {
		var st State
		var n int
		if err := rows.Scan(&st, &n); err != nil {
			return nil, err
		}
		out[st] = n
	}
	return out, rows.Err()
}
