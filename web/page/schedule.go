package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"postern/draft"
	"postern/publisher"
	"postern/store"
	"postern/words"
)

const (
	scheduleDays = 7
	// mostOnDay is how many posts of one day the page shows. Instagram takes 100 a day at most.
	mostOnDay = 25
	// gridTiles is how many planned and how many published posts the profile's grid shows: four rows and three.
	plannedTiles, publishedTiles = 12, 9
)

// scheduleView shows when the waiting posts of one account go out.
type scheduleView struct {
	frame
	Accounts  []link // with Here where the page is about it
	Account   string // path of the account whose schedule this is
	Halt      string // why nothing goes out
	Slots     string
	Quiet     string
	Zone      string
	Settings  string // path of the settings
	Undecided string
	Decide    string // path of the posts that need a decision
	Days      []scheduleDay
	Beyond    string
	Weeks     pages // Newer is the week before
	Grid      []tile
}

// scheduleDay is one calendar day of the account's time zone.
type scheduleDay struct {
	Name    string
	Entries []scheduleEntry
	More    string
}

// scheduleEntry is a post at its time, or a slot that no post takes.
type scheduleEntry struct {
	at     time.Time
	Time   moment
	Clock  string
	Free   bool
	Link   string
	Title  string
	Thumb  thumb
	Feed   string
	Reason saying
}

// tile is one post of the profile's grid.
type tile struct {
	Link    string
	Thumb   thumb
	Label   string // for screen readers
	Planned string // when it goes out, "" for a published post
}

// scheduleData is what the page is made of.
type scheduleData struct {
	accounts  []store.Account
	account   store.Account
	settings  draft.Resolved
	from, to  time.Time
	planned   []publisher.Planned
	posts     map[int64]store.Listed // of the planned publications on the page
	published []store.Listed
	undecided int
}

func (s *Server) schedulePage(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.store.Accounts(r.Context())
	if err != nil {
		return err
	}
	f := s.frame(r, words.ScheduleTitle, "posts")
	if len(accounts) == 0 {
		return s.render(w, r, http.StatusOK, scheduleTempl(scheduleView{frame: f}))
	}
	d := scheduleData{accounts: accounts, account: accounts[0]}
	if id := numberIn(r.URL.Query(), "account"); id != 0 {
		i := slices.IndexFunc(accounts, func(a store.Account) bool { return a.ID == id })
		if i < 0 {
			return store.ErrNotFound
		}
		d.account = accounts[i]
	}
	d.settings = draft.Resolve(draft.Inherited(d.account, store.Route{})...)
	now := time.Now().In(d.settings.Zone())
	d.from = weekFrom(r.URL.Query().Get("from"), now)
	d.to = d.from
	for range scheduleDays {
		d.to = draft.NextDay(d.to)
	}
	if err := s.readSchedule(r.Context(), &d, now); err != nil {
		return err
	}
	v := s.pictures.schedule(d, now)
	v.frame = f
	return s.render(w, r, http.StatusOK, scheduleTempl(v))
}

// weekFrom returns the first moment of the day that the address asks for, and of today where it names none or a day
// before.
func weekFrom(asked string, now time.Time) time.Time {
	today := draft.StartOfDay(now)
	day, err := time.ParseInLocation(time.DateOnly, asked, now.Location())
	if err != nil || day.Before(today) || day.Year() > now.Year()+10 {
		return today
	}
	return draft.StartOfDay(day.Add(12 * time.Hour))
}

// readSchedule reads the plan of an account, and of its posts those that the page shows.
func (s *Server) readSchedule(ctx context.Context, d *scheduleData, now time.Time) (err error) {
	if d.planned, err = publisher.Schedule(ctx, s.store, d.account, now); err != nil {
		return err
	}
	stopped := 0
	var ids []int64
	onDay, tiles := map[string]int{}, 0
	for _, p := range d.planned {
		if p.Stopped {
			stopped++
			continue
		}
		at := later(p.At, now).In(now.Location())
		shown := !at.Before(d.from) && at.Before(d.to) && onDay[at.Format(time.DateOnly)] < mostOnDay
		if shown {
			onDay[at.Format(time.DateOnly)]++
		}
		if inGrid(p) && tiles < plannedTiles {
			tiles++
			shown = true
		}
		if shown {
			ids = append(ids, p.ID)
		}
	}
	list, err := s.store.ListedByID(ctx, ids)
	if err != nil {
		return err
	}
	d.posts = make(map[int64]store.Listed, len(list))
	for _, l := range list {
		d.posts[l.ID] = l
	}
	if d.published, err = s.store.LastPublicationsOf(ctx, d.account.ID, publishedTiles); err != nil {
		return err
	}
	held, err := s.store.Publications(ctx, store.Filter{States: asking, AccountID: d.account.ID, Limit: mostCounted})
	d.undecided = stopped + len(held)
	return err
}

// inGrid reports whether a post stands on the profile once it is out: a story does not.
func inGrid(p publisher.Planned) bool { return p.Settings.Channel.V != "story" }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// schedule puts the plan into words.
func (p *pictures) schedule(d scheduleData, now time.Time) scheduleView {
	v := scheduleView{Settings: settingsLink(d.account.ID, 0), Slots: d.settings.Slots.V, Quiet: d.settings.QuietHours.V,
		Zone: words.ScheduleTimesIn(d.settings.Zone().String()), Account: d.account.Name()}
	for _, a := range d.accounts {
		v.Accounts = append(v.Accounts, link{scheduleLink(a.ID, time.Time{}), a.Name()})
	}
	switch {
	case d.account.Paused:
		v.Halt = words.SchedulePaused(d.account.Name())
	case d.account.Trouble == store.Reconnect:
		v.Halt = words.ScheduleReconnect(d.account.Name())
	}
	if d.undecided > 0 {
		v.Undecided = words.ScheduleUndecided(d.undecided)
		v.Decide = fmt.Sprintf("/posts?state=asking&account=%d", d.account.ID)
	}
	for day := d.from; day.Before(d.to); day = draft.NextDay(day) {
		v.Days = append(v.Days, p.scheduleDay(d, day, now))
	}
	v.addWeeks(d, now)
	v.Grid = p.profileGrid(d, now)
	return v
}

// scheduleDay lists the posts of one day and the slots that none of them takes.
func (p *pictures) scheduleDay(d scheduleData, day, now time.Time) scheduleDay {
	out := scheduleDay{Name: dayName(day, now)}
	end := draft.NextDay(day)
	var taken []time.Time
	more := 0
	for _, planned := range d.planned {
		at := later(planned.At, now).In(now.Location())
		if planned.Stopped || at.Before(day) || !at.Before(end) {
			continue
		}
		taken = append(taken, at)
		l, shown := d.posts[planned.ID]
		if !shown || len(out.Entries) == mostOnDay {
			more++
			continue
		}
		e := scheduleEntry{at: at, Time: newMoment(at, now), Clock: draft.UpToMinute(at).Format("15:04"),
			Link: publicationLink(l.ID), Title: title(l.Post), Thumb: p.first(l), Feed: feedName(l.Feed),
			Reason: p.ofSimulated(d.account, sayingFor(l, planned.Gates))}
		switch {
		case planned.InTurn:
			e.Reason = saying{{Text: words.PageOthersGoFirst}}
		case !planned.At.After(now):
			e.Clock = words.ScheduleAtOnce
		}
		out.Entries = append(out.Entries, e)
	}
	slots := d.settings.SlotsBetween(later(day, now), end)
	for i, slot := range slots {
		closes := slot.Add(draft.SlotOpen)
		if i+1 < len(slots) && slots[i+1].Before(closes) {
			closes = slots[i+1]
		}
		if !slices.ContainsFunc(taken, func(t time.Time) bool { return !t.Before(slot) && t.Before(closes) }) {
			out.Entries = append(out.Entries, scheduleEntry{at: slot, Time: newMoment(slot, now),
				Clock: slot.Format("15:04"), Free: true})
		}
	}
	slices.SortStableFunc(out.Entries, func(a, b scheduleEntry) int { return a.at.Compare(b.at) })
	if more > 0 {
		out.More = words.ScheduleMore(more)
	}
	return out
}

// dayName returns "Today, Monday 30 November".
func dayName(day, now time.Time) string {
	name := day.Format("Monday 2 January")
	if day.Year() != now.Year() {
		name = day.Format("Monday 2 January 2006")
	}
	today := draft.StartOfDay(now)
	switch {
	case sameDay(day, today):
		return words.ScheduleToday + ", " + name
	case sameDay(day, draft.NextDay(today)):
		return words.ScheduleTomorrow + ", " + name
	}
	return name
}

// addWeeks adds what goes out after the days on the page, and the ways to the weeks before and after.
func (v *scheduleView) addWeeks(d scheduleData, now time.Time) {
	beyond := 0
	var last time.Time
	for _, p := range d.planned {
		if !p.Stopped && !p.At.Before(d.to) {
			beyond, last = beyond+1, later(last, p.At)
		}
	}
	if beyond > 0 {
		v.Beyond = words.ScheduleBeyond(beyond, words.Day(last.In(now.Location()), now))
	}
	if beyond > 0 || d.settings.SlotsPerWeek() > 0 {
		v.Weeks.Older = scheduleLink(d.account.ID, d.to)
	}
	if today := draft.StartOfDay(now); d.from.After(today) {
		before := d.from
		for range scheduleDays {
			before = draft.StartOfDay(before.Add(-12 * time.Hour))
		}
		v.Weeks.Newer = scheduleLink(d.account.ID, later(before, today))
	}
}

func scheduleLink(account int64, from time.Time) string {
	address := fmt.Sprintf("/schedule?account=%d", account)
	if !from.IsZero() {
		address += "&from=" + from.Format(time.DateOnly)
	}
	return address
}

// profileGrid returns the account's grid as it will look once the planned posts are out, newest first.
func (p *pictures) profileGrid(d scheduleData, now time.Time) []tile {
	var grid []tile
	for _, planned := range d.planned {
		l, shown := d.posts[planned.ID]
		if planned.Stopped || !shown || !inGrid(planned) || len(grid) == plannedTiles {
			continue
		}
		at := newMoment(later(planned.At, now), now)
		if !planned.At.After(now) {
			at.At = words.ScheduleAtOnce
		}
		grid = append(grid, tile{publicationLink(l.ID), p.first(l), words.ScheduleTile(title(l.Post), at.At), at.At})
	}
	slices.Reverse(grid)
	for _, l := range d.published {
		if l.Kind != store.KindStory {
			grid = append(grid, tile{publicationLink(l.ID), p.first(l), title(l.Post), ""})
		}
	}
	return grid
}
