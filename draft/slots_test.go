package draft

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseSlots(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"18:00":                            "18:00",
		"Mon-Fri 18:00, sat sun 10":        "mon-fri 18:00, sat-sun 10:00",
		"monday – friday 19:30 9:00":       "mon-fri 09:00 19:30",
		"fri-mon 12:00":                    "mon fri-sun 12:00",
		"wed 12:00, mon 9, wed 8:30 12:00": "wed 08:30 12:00, mon 09:00",
		"mon-sun 7:05":                     "07:05",
		",":                                "",
		"someday 18:00":                    `"someday 18:00" is not a weekly slot such as mon-fri 18:00`,
		"mo 18:00":                         `"mo 18:00" is not a weekly slot such as mon-fri 18:00`,
		"mon-fri":                          `"mon-fri" is not a weekly slot such as mon-fri 18:00`,
		"mon 18:00-19:00":                  `"mon 18:00-19:00" is not a weekly slot such as mon-fri 18:00`,
		"18:5":                             `"18:5" is not a weekly slot such as mon-fri 18:00`,
		"24:00":                            `"24:00" is not a time of the day: slots go from 00:00 to 23:59`,
		"9:75":                             `"9:75" is not a time of the day: slots go from 00:00 to 23:59`,
	} {
		got, err := parseSlotsText(text)
		if err != nil {
			got = err.Error()
		} else {
			again, err := parseSlotsText(got)
			require.NoError(t, err)
			require.Equal(t, got, again, "a text written by Postern stays as it is")
		}
		require.Equal(t, want, got, text)
	}
}

func TestSlotFrom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ zone, slots, last, at, want string }{
		"no slots":      {"UTC", "", "", "2026-11-21 12:00 +0000", "2026-11-21 12:00 +0000"},
		"later today":   {"UTC", "18:00", "", "2026-11-21 12:00 +0000", "2026-11-21 18:00 +0000"},
		"in its minute": {"UTC", "18:00", "", "2026-11-21 18:00 +0000", "2026-11-21 18:00 +0000"},
		"still open":    {"UTC", "18:00", "", "2026-11-21 18:59 +0000", "2026-11-21 18:59 +0000"},
		"over":          {"UTC", "18:00", "", "2026-11-21 19:00 +0000", "2026-11-22 18:00 +0000"},
		"used":          {"UTC", "18:00", "2026-11-21 18:00 +0000", "2026-11-21 18:01 +0000", "2026-11-22 18:00 +0000"},
		"used before":   {"UTC", "18:00", "2026-11-21 17:59 +0000", "2026-11-21 18:01 +0000", "2026-11-21 18:01 +0000"},
		"the next begins within the hour": {"UTC", "18:00 18:30", "2026-11-21 18:01 +0000", "2026-11-21 18:02 +0000",
			"2026-11-21 18:30 +0000"},
		"a post of the slot before does not take it": {"UTC", "18:00 18:30", "2026-11-21 18:29 +0000",
			"2026-11-21 18:30 +0000", "2026-11-21 18:30 +0000"},
		"Saturday to Monday": {"UTC", "mon-fri 18:00", "", "2026-11-21 12:00 +0000", "2026-11-23 18:00 +0000"},
		"in a week":          {"UTC", "sat 10:00", "2026-11-21 10:00 +0000", "2026-11-21 10:00 +0000", "2026-11-28 10:00 +0000"},
		"across midnight":    {"UTC", "sat 23:30", "", "2026-11-22 00:20 +0000", "2026-11-22 00:20 +0000"},
		"in the zone":        {"Europe/Berlin", "18:00", "", "2026-07-01 12:00 +0000", "2026-07-01 18:00 +0200"},
		"skipped in spring":  {"Europe/Berlin", "02:30", "", "2026-03-29 00:00 +0100", "2026-03-29 03:00 +0200"},
		"skipped in New York": {"America/New_York", "02:30", "", "2026-03-08 00:00 -0500",
			"2026-03-08 03:00 -0400"},
		"twice in autumn, first": {"Europe/Berlin", "02:30", "", "2026-10-25 00:00 +0200", "2026-10-25 02:30 +0200"},
		"twice in autumn, used": {"Europe/Berlin", "02:30", "2026-10-25 02:30 +0200", "2026-10-25 02:30 +0100",
			"2026-10-26 02:30 +0100"},
		"no midnight": {"America/Sao_Paulo", "00:00", "", "2018-11-03 12:00 -0300", "2018-11-04 01:00 -0200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := parseSlotsText(tc.slots)
			require.NoError(t, err)
			s := Resolved{pacing: pacing{Slots: Value[string]{V: text}, TimeZone: Value[string]{V: tc.zone}}}
			p := Pace{Since: func(t2 time.Time) int {
				if tc.last != "" && !when(t, tc.last).Before(t2) {
					return 1
				}
				return 0
			}}
			require.Equal(t, tc.want, s.slotFrom(when(t, tc.at), p).In(s.Zone()).Format(stamp))
		})
	}
}

func TestSlotsPerWeek(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "18:00": 7, "mon-fri 18:00, sat-sun 10:00 19:30": 9,
		"18:00, mon 18:00": 7} {
		require.Equal(t, want, Resolved{pacing: pacing{Slots: Value[string]{V: text}}}.SlotsPerWeek(), text)
	}
}
