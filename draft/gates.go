package draft

import (
	"cmp"
	"slices"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// pacing has the settings that decide when a post is published.
type pacing struct {
	Approve      Value[bool]
	MinAge       Value[store.Duration]
	CoolDown     Value[store.Duration]
	PostsPerDay  Value[int]    // 0 for no limit
	QuietHours   Value[string] // in the format of parseQuiet; "" for none
	Slots        Value[string] // in the format of parseSlots; "" for none
	TimeZone     Value[string] // IANA name
	QuotaReserve Value[int]    // part of Instagram's quota that is kept free for posts by hand
}

var pacingSettings = []Setting{
	setting(Setting{Name: "approve", Group: words.GroupWhen, Title: words.SettingApprove,
		Help: words.SettingApproveHelp}, boolText,
		func(s *store.Settings) **bool { return &s.Approve },
		func(r *Resolved) *Value[bool] { return &r.Approve }, false),
	setting(Setting{Name: "min_age", Group: words.GroupWhen, Title: words.SettingMinAge,
		DefaultText: words.SettingMinAgeDefault, Help: words.SettingMinAgeHelp}, durationText,
		func(s *store.Settings) **store.Duration { return &s.MinAge },
		func(r *Resolved) *Value[store.Duration] { return &r.MinAge }, store.Duration(0)),
	setting(Setting{Name: "cool_down", Group: words.GroupWhen, Title: words.SettingCoolDown,
		DefaultText: words.SettingCoolDownDefault, Help: words.SettingCoolDownHelp}, durationText,
		func(s *store.Settings) **store.Duration { return &s.CoolDown },
		func(r *Resolved) *Value[store.Duration] { return &r.CoolDown }, store.Duration(0)),
	setting(Setting{Name: "posts_per_day", Group: words.GroupWhen, Title: words.SettingPostsPerDay,
		DefaultText: words.SettingPostsPerDayDefault, Help: words.SettingPostsPerDayHelp}, number(100),
		func(s *store.Settings) **int { return &s.PostsPerDay },
		func(r *Resolved) *Value[int] { return &r.PostsPerDay }, 0),
	setting(Setting{Name: "quiet_hours", Group: words.GroupWhen, Title: words.SettingQuietHours,
		Help: words.SettingQuietHoursHelp}, quietText,
		func(s *store.Settings) **string { return &s.QuietHours },
		func(r *Resolved) *Value[string] { return &r.QuietHours }, ""),
	setting(Setting{Name: "slots", Group: words.GroupWhen, Title: words.SettingSlots,
		DefaultText: words.SettingSlotsDefault, Help: words.SettingSlotsHelp}, slotsText,
		func(s *store.Settings) **string { return &s.Slots },
		func(r *Resolved) *Value[string] { return &r.Slots }, ""),
	setting(Setting{Name: "time_zone", Group: words.GroupWhen, Title: words.SettingTimeZone,
		Help: words.SettingTimeZoneHelp}, zoneText,
		func(s *store.Settings) **string { return &s.TimeZone },
		func(r *Resolved) *Value[string] { return &r.TimeZone }, time.UTC.String()),
	setting(Setting{Name: "quota_reserve", Group: words.GroupWhen, Title: words.SettingQuotaReserve,
		Help: words.SettingQuotaReserveHelp}, number(100),
		func(s *store.Settings) **int { return &s.QuotaReserve },
		func(r *Resolved) *Value[int] { return &r.QuotaReserve }, 5),
}

// Pace is what the time gates need to know about an account.
type Pace struct {
	Last       time.Time           // when it last published; zero if never
	LastOfFeed time.Time           // when it last published a post of this feed; zero if never
	Since      func(time.Time) int // returns the number of posts that it has published since a time
}

// FeedCoolDown returns the minimum time between two posts of the feed, no matter what else its account publishes; 0
// if the feed has no cool-down of its own.
func (s Resolved) FeedCoolDown() time.Duration {
	if s.CoolDown.Origin != fromRoute {
		return 0
	}
	return time.Duration(s.CoolDown.V)
}

// AccountCoolDown returns the minimum time between any two posts of the account, and where it was set. A cool-down
// set for a feed applies only to the posts of that feed; here it can only shorten that of the account.
func (s Resolved) AccountCoolDown() Value[store.Duration] {
	if s.CoolDown.Origin == fromRoute && s.accountCoolDown.V <= s.CoolDown.V {
		return s.accountCoolDown
	}
	return s.CoolDown
}

// gate is a closed time gate: until when, and why.
type gate struct {
	until time.Time
	why   reason.Reason
}

// Opening returns when all time gates are open for a post, and the reasons for waiting. It follows the gates one
// after another, so the post can be published at that time unless something changes. If no gate is closed, it
// returns now and the zero reason.
func Opening(post store.Post, s Resolved, p Pace, now time.Time) (until time.Time, why reason.Reason) {
	at := now.In(s.Zone())
	var gates []reason.Reason
	for range 8 { // a gate may close again while waiting for another one
		g := closedGate(post, s, p, at, now)
		if !g.until.After(at) {
			break
		}
		at = g.until.In(s.Zone())
		if !slices.Contains(gates, g.why) {
			gates, why = append(gates, g.why), why.Then(g.why)
		}
	}
	return at, why
}

// closedGate returns the gate that stays closed the longest as of a time, which may be later than now. It assumes that
// nothing is published in between; if something is, the gates are checked again.
func closedGate(post store.Post, s Resolved, p Pace, at, now time.Time) (longest gate) {
	add := func(until time.Time, setting, layer string, why reason.Code, args ...any) {
		if until.After(at) && until.After(longest.until) {
			longest = gate{until, reason.New(why, append(args, Clock(until.In(s.Zone()), now))...).BySetting(setting,
				layer)}
		}
	}
	if post.NotBefore.After(at) {
		longest = gate{post.NotBefore, Dated(post.NotBefore.In(s.Zone()), post.DayOnly, now)}
	}
	if age := time.Duration(s.MinAge.V); age > 0 && !post.NotBefore.After(at) {
		add(AgeStart(post).Add(age), "min_age", s.MinAge.Origin, reason.MinAge, short(age))
	}
	if all := s.AccountCoolDown(); all.V > 0 && !p.Last.IsZero() {
		rest := time.Duration(all.V)
		add(p.Last.Add(rest), "cool_down", all.Origin, reason.CoolDown, short(rest))
	}
	if rest := s.FeedCoolDown(); rest > 0 && !p.LastOfFeed.IsZero() {
		add(p.LastOfFeed.Add(rest), "cool_down", fromRoute, reason.FeedCoolDown, short(rest))
	}
	if most := s.PostsPerDay.V; most > 0 {
		if n := p.Since(StartOfDay(at)); n >= most {
			add(NextDay(at), "posts_per_day", s.PostsPerDay.Origin, reason.PostsPerDay, n, most)
		}
	}
	add(s.slotFrom(at, p), "slots", s.Slots.Origin, reason.Slots)
	add(s.QuietUntil(at), "quiet_hours", s.QuietHours.Origin, reason.QuietHours)
	return longest
}

// Clock formats a time in its zone, rounded up to the minute, with the day if it is not today.
func Clock(t, now time.Time) string {
	if t = UpToMinute(t); StartOfDay(t).Equal(StartOfDay(now.In(t.Location()))) {
		return t.Format("15:04 ") + zoneName(t)
	}
	return DayClock(t, now)
}

// DayClock formats a time like Clock, but always with the day, and with the year if it is not the current one.
func DayClock(t, now time.Time) string {
	t = UpToMinute(t)
	return words.Day(t, now) + t.Format(" 15:04 ") + zoneName(t)
}

// zoneName returns the name of t's time zone: the name from the settings, or the abbreviation for this machine's
// local zone.
func zoneName(t time.Time) string {
	if t.Location() == time.Local {
		return t.Format("MST")
	}
	return t.Location().String()
}

// UpToMinute returns t rounded up to the next whole minute. Times from which something is possible are shown like
// this, because at a time that was rounded down it would not be possible yet.
func UpToMinute(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); whole.Before(t) {
		return whole.Add(time.Minute)
	}
	return t
}

// WaitNote returns a text and a code for why the post itself has to wait: for the owner's approval because the site
// marks it as sensitive, or for its date; "" if it need not wait. ahead is how far the site's clock is ahead of
// ours.
func WaitNote(p store.Post, s Resolved, now time.Time, ahead time.Duration) (note string, code reason.Code) {
	if p.Decision == store.Skip {
		return "", ""
	}
	if why := SensitiveHold(p, s); !why.IsZero() {
		return "held, " + why.String(), why.Code
	}
	switch at := store.NotBefore(p, now, ahead); {
	case at.IsZero():
		return "", ""
	case store.IsFarAhead(at, now):
		why := store.FarReason(at)
		return why.String(), why.Code
	default:
		why := Dated(at.In(s.Zone()), p.DayOnly, now)
		return why.String(), why.Code
	}
}

// SensitiveHold returns the reason for holding a post that its site marks as sensitive; the zero reason if it is not
// held.
func SensitiveHold(p store.Post, s Resolved) reason.Reason {
	if p.Markup.Sensitive == "" || s.Sensitive.V != "hold" {
		return reason.Reason{}
	}
	return reason.New(reason.Sensitive, p.Markup.Sensitive).BySetting("sensitive", s.Sensitive.Origin)
}

// Dated returns the reason for a post that waits for its date: "the post waits for its date, 3 December". It
// includes the year if it is not the current one, and the time if the date has one, because a stored reason may be
// read on another day.
func Dated(at time.Time, dayOnly bool, now time.Time) reason.Reason {
	if dayOnly {
		return reason.New(reason.DatedAhead, words.Day(at.UTC(), now))
	}
	at = UpToMinute(at)
	return reason.New(reason.DatedAhead, words.Day(at, now)+at.Format(" 15:04 ")+at.Location().String())
}

// QuietUntil returns the end of the quiet hours that contain t, or t itself if there are none.
func (s Resolved) QuietUntil(t time.Time) time.Time { return quietUntil(t.In(s.Zone()), s.quiet()) }

// quiet returns the windows of the quiet hours. Their text was validated when it was set.
func (s Resolved) quiet() []window {
	all, err := parseQuiet(s.QuietHours.V)
	if err != nil {
		return nil
	}
	return all
}

// AgeStart returns the time from which the age of a post is counted. That is its date, unless the date was in the
// future only because of a wrong clock or time zone.
func AgeStart(p store.Post) time.Time {
	switch {
	case !p.NotBefore.IsZero():
		return p.NotBefore
	case p.PublishedAt.After(p.FirstSeenAt) && !p.FirstSeenAt.IsZero():
		return p.FirstSeenAt
	}
	return cmp.Or(p.PublishedAt, p.FirstSeenAt)
}
