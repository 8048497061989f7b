package draft

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseQuiet(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"22:00-07:00":           "22:00-07:00",
		" 22-7, 12:00 to 13:30": "22:00-07:00, 12:00-13:30",
		"22:00–24:00,0:00-7:00": "22:00-24:00, 00:00-07:00",
		",":                     "",
		"00:00-23:59":           "00:00-23:59",
		"7":                     `"7" is not a part of the day such as 22:00-07:00`,
		"25:00-07:00":           `"25:00-07:00" is not possible: times go from 00:00 to 24:00`,
		"22:00-24:30":           `"22:00-24:30" is not possible: times go from 00:00 to 24:00`,
		"22:61-07:00":           `"22:61-07:00" is not possible: times go from 00:00 to 24:00`,
		"07:00-07:00":           `"07:00-07:00" begins and ends at the same time`,
		"07:00-19:00, 19:00-07:00": `"07:00-19:00, 19:00-07:00" leaves no time of the day. To publish nothing, ` +
			`pause the account`,
		"Mon–Fri 22-7, sat sun 0:00-24:00": "mon-fri 22:00-07:00, sat-sun 00:00-24:00",
		"mon-sun 22-7":                     "22:00-07:00",
		"someday 22-7":                     `"someday 22-7" is not a part of the day such as 22:00-07:00`,
		"mon-fri":                          `"mon-fri" is not a part of the day such as 22:00-07:00`,
		"mon-wed 00:00-24:00, thu-sat 0-24, sun 0-24": `"mon-wed 00:00-24:00, thu-sat 0-24, sun 0-24" leaves no time of the day. To publish nothing, pause the account`,
		"00:00-24:00": `"00:00-24:00" leaves no time of the day. To publish nothing, pause the account`,
	} {
		got, err := parseQuietText(text)
		if err != nil {
			got = err.Error()
		}
		require.Equal(t, want, got, text)
	}
}

func TestSwappedQuietHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"07:00-22:00": "22:00-07:00", "6-23": "23:00-06:00", "06:00-24:00": "00:00-06:00",
		"22:00-07:00": "", "12:00-13:00": "", "09:00-17:00": "", "20:00-10:00": "", "00:00-08:00": "",
		"00:00-23:59": "", "": "", "nonsense": "", "07:00-20:00, 21:00-22:00": "",
	} {
		require.Equal(t, want, SwappedQuiet(text), text)
	}
}

func TestQuietUntil(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ zone, quiet, at, want string }{
		"outside": {"UTC", "22:00-07:00", "2026-11-21 12:00 +0000", "2026-11-21 12:00 +0000"},
		"before midnight": {"Europe/Berlin", "22:00-07:00", "2026-11-21 23:10 +0100",
			"2026-11-22 07:00 +0100"},
		"after midnight": {"Europe/Berlin", "22:00-07:00", "2026-11-22 06:59 +0100",
			"2026-11-22 07:00 +0100"},
		"first minute": {"Europe/Berlin", "22:00-07:00", "2026-11-21 22:00 +0100",
			"2026-11-22 07:00 +0100"},
		"last minute is over": {"Europe/Berlin", "22:00-07:00", "2026-11-22 07:00 +0100",
			"2026-11-22 07:00 +0100"},
		"two windows that touch": {"UTC", "22:00-24:00, 00:00-07:00", "2026-11-21 23:10 +0000",
			"2026-11-22 07:00 +0000"},
		"windows that overlap": {"UTC", "22:00-02:00, 01:00-07:00", "2026-11-21 23:10 +0000",
			"2026-11-22 07:00 +0000"},
		"spring, an hour skipped": {"Europe/Berlin", "22:00-07:00", "2026-03-28 23:00 +0100",
			"2026-03-29 07:00 +0200"},
		"autumn, an extra hour": {"Europe/Berlin", "22:00-07:00", "2026-10-24 23:00 +0200",
			"2026-10-25 07:00 +0100"},
		"ends in the skipped hour": {"Europe/Berlin", "22:00-02:30", "2026-03-29 01:30 +0100",
			"2026-03-29 03:00 +0200"},
		"lies in the skipped hour": {"Europe/Berlin", "02:15-02:45", "2026-03-29 01:59 +0100",
			"2026-03-29 01:59 +0100"},
		"ends in the hour twice, first": {"Europe/Berlin", "22:00-02:30", "2026-10-25 01:30 +0200",
			"2026-10-25 02:30 +0200"},
		"ends in the hour twice, second": {"Europe/Berlin", "22:00-02:30", "2026-10-25 02:10 +0100",
			"2026-10-25 02:30 +0100"},
		"up to the change, then again": {"Europe/Berlin", "02:00-03:00", "2026-10-25 02:10 +0200",
			"2026-10-25 03:00 +0100"},
		"a zone with half an hour": {"Australia/Lord_Howe", "22:00-07:00", "2026-04-04 23:00 +1100",
			"2026-04-05 07:00 +1030"},
		"a working day's night": {"UTC", "mon-fri 22:00-07:00", "2026-11-20 23:00 +0000", "2026-11-21 07:00 +0000"},
		"not on Saturday":       {"UTC", "mon-fri 22:00-07:00", "2026-11-21 23:00 +0000", "2026-11-21 23:00 +0000"},
		"not after Sunday":      {"UTC", "mon-fri 22:00-07:00", "2026-11-23 06:00 +0000", "2026-11-23 06:00 +0000"},
		"a whole weekend":       {"UTC", "fri 18:00-24:00, sat-sun 00:00-24:00, mon 0-8", "2026-11-20 18:00 +0000", "2026-11-23 08:00 +0000"},
		"all but one hour": {"UTC", "mon-sat 00:00-24:00, sun 00:00-12:00, sun 13:00-24:00", "2026-11-22 13:00 +0000",
			"2026-11-29 12:00 +0000"},
		"a Sunday of 25 hours": {"Europe/Berlin", "sun 00:00-24:00", "2026-10-25 00:00 +0200", "2026-10-26 00:00 +0100"},
		"a Sunday of 23 hours": {"Europe/Berlin", "sun 00:00-24:00", "2026-03-29 00:00 +0100", "2026-03-30 00:00 +0200"},
		"New York, spring": {"America/New_York", "00:00-06:00", "2026-03-08 01:59 -0500",
			"2026-03-08 06:00 -0400"},
	} {
		quiet, err := parseQuiet(tc.quiet)
		require.NoError(t, err)
		loc, err := time.LoadLocation(tc.zone)
		require.NoError(t, err)
		require.Equal(t, tc.want, quietUntil(when(t, tc.at).In(loc), quiet).Format(stamp), name)
	}
}

const stamp = "2006-01-02 15:04 -0700"

func when(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(stamp, s)
	require.NoError(t, err)
	return at
}

func TestDaysOfAZone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ zone, at, start, next string }{
		"plain": {"Europe/Berlin", "2026-11-21 12:00 +0100", "2026-11-21 00:00 +0100",
			"2026-11-22 00:00 +0100"},
		"another day in another zone": {"Pacific/Auckland", "2026-11-21 12:00 +0000", "2026-11-22 00:00 +1300",
			"2026-11-23 00:00 +1300"},
		"23 hours": {"Europe/Berlin", "2026-03-29 12:00 +0200", "2026-03-29 00:00 +0100",
			"2026-03-30 00:00 +0200"},
		"25 hours": {"Europe/Berlin", "2026-10-25 12:00 +0100", "2026-10-25 00:00 +0200",
			"2026-10-26 00:00 +0100"},
		"no midnight": {"Africa/Cairo", "2026-04-24 12:00 +0300", "2026-04-24 01:00 +0300",
			"2026-04-25 00:00 +0300"},
		"the day before no midnight": {"Africa/Cairo", "2026-04-23 12:00 +0200", "2026-04-23 00:00 +0200",
			"2026-04-24 01:00 +0300"},
		"no midnight, in the west": {"America/Sao_Paulo", "2000-10-08 12:00 -0200", "2000-10-08 01:00 -0200",
			"2000-10-09 00:00 -0200"},
		"midnight twice": {"America/Havana", "2026-11-01 12:00 -0500", "2026-11-01 00:00 -0400",
			"2026-11-02 00:00 -0500"},
		"the hour before it, twice": {"Africa/Cairo", "2026-10-29 23:30 +0200", "2026-10-29 00:00 +0300",
			"2026-10-30 00:00 +0200"},
		"a day that was skipped (2011)": {"Pacific/Apia", "2011-12-29 12:00 -1000", "2011-12-29 00:00 -1000",
			"2011-12-31 00:00 +1400"},
	} {
		loc, err := time.LoadLocation(tc.zone)
		require.NoError(t, err)
		at := when(t, tc.at).In(loc)
		require.Equal(t, tc.start, StartOfDay(at).Format(stamp), name)
		require.Equal(t, tc.next, NextDay(at).Format(stamp), name)
	}
}
