package draft

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/words"
)

// SlotOpen is how long after its time a slot without a post can still be used. A post that becomes ready later waits
// for the next slot.
const SlotOpen = time.Hour

// slot is a time on one or more days of the week, in minutes after midnight.
type slot struct {
	days weekdays
	at   int
}

// parseSlots parses "mon-fri 18:00, sat sun 10:00 19:30".
func parseSlots(s string) ([]slot, error) {
	var all []slot
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		days, times, ok := cutDays(part)
		if !ok {
			return nil, errors.New(words.ValueNoSlot(part))
		}
		for _, text := range strings.Fields(times) {
			hour, minutes, _ := strings.Cut(text, ":")
			h, err := strconv.Atoi(hour)
			m, merr := strconv.Atoi(minutes)
			if err != nil || minutes != "" && (merr != nil || len(minutes) != 2) {
				return nil, errors.New(words.ValueNoSlot(part))
			}
			if h < 0 || h > 23 || m < 0 || m > 59 {
				return nil, errors.New(words.ValueNoSlotTime(text))
			}
			all = append(all, slot{days, h*60 + m})
		}
	}
	return all, nil
}

// parseSlotsText validates slots and returns them in canonical form: grouped by days, with the times of each group
// in order. A lone comma means none, and overrides the layers below.
func parseSlotsText(s string) (string, error) {
	all, err := parseSlots(s)
	if err != nil {
		return "", err
	}
	var parts []string
	for i, sl := range all {
		if slices.ContainsFunc(all[:i], func(o slot) bool { return o.days == sl.days }) {
			continue
		}
		var times []int
		for _, o := range all {
			if o.days == sl.days && !slices.Contains(times, o.at) {
				times = append(times, o.at)
			}
		}
		slices.Sort(times)
		text := sl.days.String()
		for j, at := range times {
			if j > 0 {
				text += " "
			}
			text += fmt.Sprintf("%02d:%02d", at/60, at%60)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", "), nil
}

// parsedSlots caches the []slot of each text, because a forecast needs them for each post of a queue.
var parsedSlots sync.Map

// slots returns the weekly slots. Their text was validated when it was set.
func (s Resolved) slots() []slot {
	if s.Slots.V == "" {
		return nil
	}
	if all, known := parsedSlots.Load(s.Slots.V); known {
		return all.([]slot)
	}
	all, err := parseSlots(s.Slots.V)
	if err != nil {
		return nil
	}
	parsedSlots.Store(s.Slots.V, all)
	return all
}

// SlotsPerWeek returns the number of slots in a week; 0 if posts need no slot.
func (s Resolved) SlotsPerWeek() int {
	taken := map[int]bool{} // by minute of the week
	for _, sl := range s.slots() {
		for _, day := range week {
			if sl.days.has(day) {
				taken[int(day)*dayMinutes+sl.at] = true
			}
		}
	}
	return len(taken)
}

// SlotsBetween returns the times of all slots in the interval from ≤ t < to, in ascending order.
func (s Resolved) SlotsBetween(from, to time.Time) []time.Time {
	var out []time.Time
	for day := noon(from.In(s.Zone()), 0); StartOfDay(day).Before(to); day = noon(day, 1) {
		for _, at := range s.slotsOf(day) {
			if !at.Before(from) && at.Before(to) {
				out = append(out, at)
			}
		}
	}
	return out
}

// slotsOf returns the times of the slots on one day, in ascending order.
func (s Resolved) slotsOf(day time.Time) []time.Time {
	var out []time.Time
	for _, sl := range s.slots() {
		if sl.days.has(day.Weekday()) {
			out = append(out, wallTime(day, sl.at))
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// noon returns noon on the day that is the given number of days after t's.
func noon(t time.Time, days int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+days, 12, 0, 0, 0, t.Location())
}

// slotFrom returns the first time at or after at when a slot is free; at itself if the settings have no slots. A
// slot is free from its time until the account publishes a post, SlotOpen has passed or the next slot begins.
func (s Resolved) slotFrom(at time.Time, p Pace) time.Time {
	if len(s.slots()) == 0 {
		return at
	}
	begun := s.SlotsBetween(at.Add(-SlotOpen+1), at.Add(1))
	if n := len(begun); n > 0 && p.Since(begun[n-1]) == 0 {
		return at
	}
	for day := noon(at.In(s.Zone()), 0); ; day = noon(day, 1) {
		for _, next := range s.slotsOf(day) {
			if next.After(at) {
				return next
			}
		}
	}
}
