package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// Settings is one sparse layer of what an owner or author may choose; nil means "not said here". draft.Resolve
// merges the layers.
type Settings struct {
	FormatString *string `json:"format_string,omitempty"`
	// cut a long caption instead of refusing it
	Truncate            *bool     `json:"truncate,omitempty"`
	TextLength          *int      `json:"text_length,omitempty"`             // of the text in a caption; 0 is no limit
	AppendURL           *bool     `json:"append_url,omitempty"`              // the post's address at the end
	AppendURLIfTruncate *bool     `json:"append_url_if_truncated,omitempty"` // … only when the caption was cut
	AppendURLSpacer     *string   `json:"append_url_spacer,omitempty"`       // what stands before the address
	Channel             *string   `json:"channel,omitempty"`                 // feed or story
	Syndicate           *bool     `json:"syndicate,omitempty"`
	AltText             *bool     `json:"alt_text,omitempty"`
	CoolDown            *Duration `json:"cool_down,omitempty"` // between two publications of the account
	MinAge              *Duration `json:"min_age,omitempty"`   // how old a post must be
	// posts of Instagram's quota that are left to a person
	QuotaReserve *int  `json:"quota_reserve,omitempty"`
	Approve      *bool `json:"approve,omitempty"`  // held until a person says publish
	Hashtags     *int  `json:"hashtags,omitempty"` // at most so many, made of the post's categories
	// what is more than PartSize becomes further publications
	Split *bool `json:"split,omitempty"`

	// windows of the day without publishing, "22:00-07:00, 12:00-13:00"
	QuietHours  *string `json:"quiet_hours,omitempty"`
	Slots       *string `json:"slots,omitempty"` // times of the week for one post each, "mon-fri 18:00, sun 10:00"
	PostsPerDay *int    `json:"posts_per_day,omitempty"` // at most so many in a calendar day of TimeZone; 0 is no limit
	TimeZone    *string `json:"time_zone,omitempty"`     // IANA name

	FirstComment  *string   `json:"first_comment,omitempty"` // form of a comment of our own below the post
	LocationID    *string   `json:"location_id,omitempty"`   // a Facebook Page with a place
	Collaborators *[]string `json:"collaborators,omitempty"` // user names that are invited
	UserTags      *[]string `json:"user_tags,omitempty"`     // user names that are tagged
	Mentions      *[]string `json:"mentions,omitempty"`      // "name on the site=handle on Instagram"
	ShareToFeed   *bool     `json:"share_to_feed,omitempty"` // a reel in the feed too; not said is left to Instagram

	// Filters: a post that one of them is against is skipped. Letter case does not matter.
	IncludeCategories *[]string `json:"include_categories,omitempty"` // the post must have one of them
	ExcludeCategories *[]string `json:"exclude_categories,omitempty"`
	IncludeKeywords   *[]string `json:"include_keywords,omitempty"` // whole words of title and text
	ExcludeKeywords   *[]string `json:"exclude_keywords,omitempty"`
	IncludeAuthors    *[]string `json:"include_authors,omitempty"` // name or mail address
	ExcludeAuthors    *[]string `json:"exclude_authors,omitempty"`
	MinPictures       *int      `json:"min_pictures,omitempty"`
	Sensitive         *string   `json:"sensitive,omitempty"` // hold, publish or skip what the site marks as sensitive

	// what is done to a picture of a ratio that is not taken: edge, background, blur, crop
	Fit *string `json:"fit,omitempty"`
	// "#rrggbb", behind transparent parts, and around with fit background
	Background *string `json:"background,omitempty"`
	Trim       *bool   `json:"trim,omitempty"` // a video that is too long may be cut at its end
}

// Duration is a time.Duration that is "1h30m" in JSON.
type Duration time.Duration

// MarshalText writes "1h30m0s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads "1h30m".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// Edits is what a person changed about one publication, field by field.
type Edits struct {
	Caption *string        `json:"caption,omitempty"`
	Media   *[]EditedMedia `json:"media,omitempty"` // which of the post's, in this order
}

// EditedMedia is one picture or video that a person chose.
type EditedMedia struct {
	URL string  `json:"url"`           // as in the post
	Alt *string `json:"alt,omitempty"` // instead of the post's alternative text
}

// HookSetting keeps the hash of the token in the poll hook's address.
const HookSetting = "poll_hook"

// Setting returns a value of the settings table, "" when it is not set.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var v string
	err := s.r.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

// SetSetting keeps a value; "" removes it.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	return s.write(ctx, func(tx *transaction) error {
		var err error
		if strings.HasPrefix(key, SealedPrefix) {
			if err := s.sameKey(ctx, tx); err != nil {
				return err
			}
		}
		if value == "" {
			_, err = tx.ExecContext(ctx, `DELETE FROM settings WHERE key = $1`, key)
		} else {
			_, err = tx.ExecContext(ctx,
				`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE
					SET value = excluded.value`, key, value)
		}
		return err
	})
}
