package main

import (
	"fmt"
	"io"

	"postern/owner"
	"postern/shape"
	"postern/words"
)

// setAccountJSON is an account whose settings were changed.
type setAccountJSON struct {
	shape.Account
	Consequences consequencesJSON `json:"consequences"`
}

// setRouteJSON is a feed on an account whose settings were changed.
type setRouteJSON struct {
	routeJSON
	Consequences consequencesJSON `json:"consequences"`
}

// consequencesJSON lists the ids of the publications that a change of settings affects.
type consequencesJSON struct {
	Skips       []int64 `json:"skips"`        // waiting ones that will be skipped
	Holds       []int64 `json:"holds"`        // waiting ones that will be put on hold
	Releases    []int64 `json:"releases"`     // waiting ones that go out now
	Sooner      []int64 `json:"sooner"`       // waiting ones that go out earlier
	StayHeld    []int64 `json:"stay_held"`    // held ones whose reason no longer applies; approve releases them
	StaySkipped []int64 `json:"stay_skipped"` // skipped ones whose reason no longer applies
}

func consequencesOf(c owner.Consequences) consequencesJSON {
	v := consequencesJSON{c.Skips, c.Holds, c.Releases, c.Sooner, c.StayHeld, c.StaySkipped}
	for _, list := range []*[]int64{&v.Skips, &v.Holds, &v.Releases, &v.Sooner, &v.StayHeld, &v.StaySkipped} {
		if *list == nil {
			*list = []int64{}
		}
	}
	return v
}

// answerStored prints the result of a change of settings: the sentence stored, and one for each kind of consequence.
func answerStored(in *invocation, view any, stored string, c owner.Consequences) error {
	lines := []string{stored}
	for _, about := range []struct {
		publications []int64
		sentence     func([]int64) string
	}{{c.Skips, words.SettingsSkip}, {c.Holds, words.SettingsHold}, {c.Releases, words.SettingsRelease},
		{c.Sooner, words.SettingsSooner}, {c.StayHeld, words.SettingsStayHeld}, {c.StaySkipped, words.SettingsStaySkipped}} {
		if len(about.publications) > 0 {
			lines = append(lines, about.sentence(about.publications))
		}
	}
	return in.print(view, func(w io.Writer) error {
		for _, line := range lines {
			if _, err := fmt.Fprintln(w, printable(line)); err != nil {
				return err
			}
		}
		return nil
	})
}
