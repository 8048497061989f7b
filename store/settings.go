package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// Settings is one layer of the settings that an owner or an author can choose; nil means that this layer does not
// set it. draft.Resolve merges the layers.
type Settings struct {
	FormatString *string `json:"format_string,omitempty"`
	// Truncate cuts a long caption instead of refusing it.
	Truncate *bool `json:"truncate,omitempty"`
	// TextLength is the maximum length of the text in a caption; 0 for no limit.
	TextLength          *int      `json:"text_length,omitempty"`
	AppendURL           *bool     `json:"append_url,omitempty"`              // append the post's URL
	AppendURLIfTruncate *bool     `json:"append_url_if_truncated,omitempty"` // append it only if the caption was cut
	AppendURLSpacer     *string   `json:"append_url_spacer,omitempty"`       // text before the URL
	Channel             *string   `json:"channel,omitempty"`                 // feed or story
	Syndicate           *bool     `json:"syndicate,omitempty"`
	AltText             *bool     `json:"alt_text,omitempty"`
	CoolDown            *Duration `json:"cool_down,omitempty"` // minimum time between two publications of the account
	MinAge              *Duration `json:"min_age,omitempty"`   // minimum age of a post
	// QuotaReserve is the part of Instagram's posting quota that is kept free for posts by hand.
	QuotaReserve *int  `json:"quota_reserve,omitempty"`
	Approve      *bool `json:"approve,omitempty"`  // hold until a person approves
	Hashtags     *int  `json:"hashtags,omitempty"` // maximum number of hashtags made from the post's categories
	// Split publishes a post with more than PartSize pictures and videos in several parts.
	Split *bool `json:"split,omitempty"`

	// QuietHours are times of the day without publishing: "22:00-07:00, 12:00-13:00".
	QuietHours  *string `json:"quiet_hours,omitempty"`
	Slots       *string `json:"slots,omitempty"`         // weekly times for one post each, "mon-fri 18:00, sun 10:00"
	PostsPerDay *int    `json:"posts_per_day,omitempty"` // maximum per calendar day in TimeZone; 0 for no limit
	TimeZone    *string `json:"time_zone,omitempty"`     // IANA name

	FirstComment  *string   `json:"first_comment,omitempty"` // format of a comment that Postern writes below the post
	LocationID    *string   `json:"location_id,omitempty"`   // id of a Facebook Page with a location
	Collaborators *[]string `json:"collaborators,omitempty"` // user names to invite
	UserTags      *[]string `json:"user_tags,omitempty"`     // user names to tag
	Mentions      *[]string `json:"mentions,omitempty"`      // "name on the site=handle on Instagram"
	ShareToFeed   *bool     `json:"share_to_feed,omitempty"` // show a reel in the feed too; nil leaves it to Instagram

	// Filters. A post that does not pass all of them is skipped. Letter case does not matter.
	IncludeCategories *[]string `json:"include_categories,omitempty"` // the post must have one of these
	ExcludeCategories *[]string `json:"exclude_categories,omitempty"`
	IncludeKeywords   *[]string `json:"include_keywords,omitempty"` // whole words in the title or the text
	ExcludeKeywords   *[]string `json:"exclude_keywords,omitempty"`
	IncludeAuthors    *[]string `json:"include_authors,omitempty"` // name or mail address
	ExcludeAuthors    *[]string `json:"exclude_authors,omitempty"`
	MinPictures       *int      `json:"min_pictures,omitempty"`
	// Sensitive says what to do with posts that the site marks as sensitive: hold, publish or skip.
	Sensitive *string `json:"sensitive,omitempty"`

	// Fit says how a picture with an unsupported aspect ratio is adapted: edge, background, blur or crop.
	Fit *string `json:"fit,omitempty"`
	// Background is a colour "#rrggbb" behind transparent parts, and around the picture if Fit is background.
	Background *string `json:"background,omitempty"`
	Trim       *bool   `json:"trim,omitempty"` // cut a video that is too long at its end
}

// Duration is a time.Duration that is encoded in JSON as a string such as "1h30m0s".
type Duration time.Duration

// MarshalText encodes a duration as "1h30m0s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText parses a duration such as "1h30m".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// Edits are a person's changes to one publication. Fields that are nil follow the post.
type Edits struct {
	Caption *string        `json:"caption,omitempty"`
	Media   *[]EditedMedia `json:"media,omitempty"` // the chosen media of the post, in order
}

// EditedMedia is one picture or video that a person chose.
type EditedMedia struct {
	URL string  `json:"url"`           // as in the post
	Alt *string `json:"alt,omitempty"` // replaces the post's alternative text; nil keeps it
}

// HookSetting is the name of the setting that stores the hash of the token in the poll hook's URL.
const HookSetting = "poll_hook"

// Setting returns a value of the settings table; "" if it is not set.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var v string
	err := s.r.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

// SetSetting stores a value; "" removes it. It returns ErrKeyChanged for a sealed value if the key has changed.
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
