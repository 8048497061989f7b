package draft

import (
	"cmp"
	"slices"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// pacing holds the settings of when a post goes out.
type pacing struct {
	Approve      Value[bool]
	MinAge       Value[store.Duration]
	CoolDown     Value[store.Duration]
	PostsPerDay  Value[int]    // 0 is no limit
	QuietHours   Value[string] // as parseQuiet takes it; "" is none
	Slots        Value[string] // as parseSlots takes them; "" is none
	TimeZone     Value[string] // IANA name
	QuotaReserve Value[int]    // posts of Instagram's quota that are left for people
}

var pacingSettings = []Setting{
	setting(Setting{Name: "approve", Group: words.GroupWhen, Title: words.SettingApprove,
		Help: words.SettingApproveHelp}, boolText,
		func(s *store.Settings) **bool { return &s.Approve },
		func(r *Resolved) *Value[bool] { return &r.Approve }, false),
	setting(Setting{Name: "min_age", Group: words.GroupWhen, Title: words.SettingMinAge,
		Unsaid: words.SettingMinAgeDefault, Help: words.SettingMinAgeHelp}, durationText,
		func(s *store.Settings) **store.Duration { return &s.MinAge },
		func(r *Resolved) *Value[store.Duration] { return &r.MinAge }, store.Duration(0)),
	setting(Setting{Name: "cool_down", Group: words.GroupWhen, Title: words.SettingCoolDown,
		Unsaid: words.SettingCoolDownDefault, Help: words.SettingCoolDownHelp}, durationText,
		func(s *store.Settings) **store.Duration { return &s.CoolDown },
		func(r *Resolved) *Value[store.Duration] { return &r.CoolDown }, store.Duration(0)),
	setting(Setting{Name: "posts_per_day", Group: words.GroupWhen, Title: words.SettingPostsPerDay,
		Unsaid: words.SettingPostsPerDayDefault, Help: words.SettingPostsPerDayHelp}, number(100),
		func(s *store.Settings) **int { return &s.PostsPerDay },
		func(r *Resolved) *Value[int] { return &r.PostsPerDay }, 0),
	setting(Setting{Name: "quiet_hours", Group: words.GroupWhen, Title: words.SettingQuietHours,
		Help: words.SettingQuietHoursHelp}, quietText,
		func(s *store.Settings) **string { return &s.QuietHours },
		func(r *Resolved) *Value[string] { return &r.QuietHours }, ""),
	setting(Setting{Name: "slots", Group: words.GroupWhen, Title: words.SettingSlots,
		Unsaid: words.SettingSlotsDefault, Help: words.SettingSlotsHelp}, slotsText,
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

// Pace is what the gates of time ask about an account.
type Pace struct {
	Last       time.Time           // when it last published; zero for never
	LastOfFeed time.Time           // when it last published a post of this feed; zero for never
	Since      func(time.Time) int // how much it has published since then
}

// FeedCoolDown returns how far apart the posts of one feed go out, whatever else their account publishes. 0: the feed
// has no cool-down of its own.
func (s Resolved) FeedCoolDown() time.Duration {
	if s.CoolDown.Origin != fromRoute {
		return 0
	}
	return time.Duration(s.CoolDown.V)
}

// AccountCoolDown returns how far apart all posts of the account go out, and where that was set. A cool-down of the
// feed counts the posts of the feed alone: here it only shortens that of the account.
func (s Resolved) AccountCoolDown() Value[store.Duration] {
	if s.CoolDown.Origin == fromRoute && s.accountCoolDown.V <= s.CoolDown.V {
		return s.accountCoolDown
	}
	return s.CoolDown
}

// gate is one that is shut: until when, and why.
type gate struct {
	until time.Time
	why   reason.Reason
}

// Opening walks from gate to gate until none is shut any more: the time it gives is the one at which the post can
// really go, unless something changes. The reason tells every gate on the way.
func Opening(post store.Post, s Resolved, p Pace, now time.Time) (until time.Time, why reason.Reason) {
	at := now.In(s.Zone())
	var gates []reason.Reason
	for range 8 { // each gate may be met again behind another one
		g := shut(post, s, p, at, now)
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

// shut is the gate that is shut longest at a time, which may lie ahead of now. Nothing is published in between:
// then the gates are asked anew.
func shut(post store.Post, s Resolved, p Pace, at, now time.Time) (longest gate) {
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

// Clock returns a time as the clock on the wall of its zone shows it, never too early, with the day where it is not
// today.
func Clock(t, now time.Time) string {
	if t = UpToMinute(t); StartOfDay(t).Equal(StartOfDay(now.In(t.Location()))) {
		return t.Format("15:04 ") + zoneName(t)
	}
	return DayClock(t, now)
}

// DayClock returns a time as Clock shows it, always with the day, and with the year where it is not that of now.
func DayClock(t, now time.Time) string {
	t = UpToMinute(t)
	return words.Day(t, now) + t.Format(" 15:04 ") + zoneName(t)
}

// zoneName returns the name of t's zone: that of a setting, or what the clock of this machine is called.
func zoneName(t time.Time) string {
	if t.Location() == time.Local {
		return t.Format("MST")
	}
	return t.Location().String()
}

// UpToMinute returns the first whole minute that is not before t. Times at which something becomes possible are shown
// so: at a time that was cut it is not possible yet.
func UpToMinute(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); whole.Before(t) {
		return whole.Add(time.Minute)
	}
	return t
}

// WaitNote returns, in words and as a code, what the post itself makes Postern wait for: the owner's approval of
// what its site marks as sensitive, or its date; "" when it makes it wait for nothing. ahead is how far the
// site's clock is ahead of ours.
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

// SensitiveHold returns why a post waits for its owner that its site marks as sensitive, none when it does not.
func SensitiveHold(p store.Post, s Resolved) reason.Reason {
	if p.Markup.Sensitive == "" || s.Sensitive.V != "hold" {
		return reason.Reason{}
	}
	return reason.New(reason.Sensitive, p.Markup.Sensitive).BySetting("sensitive", s.Sensitive.Origin)
}

// Dated returns the reason of a post that waits for its date: "the post waits for its date, 3 December". It is told
// with the year where that is not this one, and with the time where it has one: what is stored may be read on another
// day.
func Dated(at time.Time, dayOnly bool, now time.Time) reason.Reason {
	if dayOnly {
		return reason.New(reason.DatedAhead, words.Day(at.UTC(), now))
	}
	at = UpToMinute(at)
	return reason.New(reason.DatedAhead, words.Day(at, now)+at.Format(" 15:04 ")+at.Location().String())
}

// QuietUntil returns when the quiet hours end in which t lies; t itself when it lies in none.
func (s Resolved) QuietUntil(t time.Time) time.Time { return quietUntil(t.In(s.Zone()), s.quiet()) }

// quiet are the windows of the quiet hours. Their text was checked when it was set.
func (s Resolved) quiet() []window {
	all, err := parseQuiet(s.QuietHours.V)
	if err != nil {
		return nil
	}
	return all
}

// AgeStart returns from when the age of a post is counted: its date, but for one that lies ahead by a wrong clock
// or zone alone.
func AgeStart(p store.Post) time.Time {
	switch {
	case !p.NotBefore.IsZero():
		return p.NotBefore
	case p.PublishedAt.After(p.FirstSeenAt) && !p.FirstSeenAt.IsZero():
		return p.FirstSeenAt
	}
	return cmp.Or(p.PublishedAt, p.FirstSeenAt)
}
