package page

import (
	"strings"

	"github.com/a-h/templ"
)

// live marks a part of a page that is read again when something happens; others are the ids of further parts that come
// with it, as do the numbers in the navigation. Without the script they are parts like any other. A form that somebody
// may be typing in is never in one.
func live(event, here string, others ...string) templ.Attributes {
	return templ.Attributes{
		"hx-get": here, "hx-trigger": event + " from:#events", "hx-select": "#live", "hx-target": "#live",
		"hx-swap":       "outerMorph",
		"hx-select-oob": along(append([]string{"asks", "wrong"}, others...)),
	}
}

// postsLive keeps the list of posts up to date, but where posts can be ticked: reading it again would take the ticks
// away.
func postsLive(v postsView) templ.Attributes {
	if v.PutBack != "" {
		return nil
	}
	return live("changed", v.Here)
}

// watch is for what moves without an event: how far a download or a conversion is, and the preflight of waiting posts.
// The part replaces itself, so it ends with what it watches.
func watch(every, here string, others ...string) templ.Attributes {
	if every == "" {
		return nil
	}
	return templ.Attributes{
		"hx-get": here, "hx-trigger": "every " + every, "hx-select": "#watch", "hx-target": "#watch",
		"hx-swap": "outerHTML", "hx-select-oob": along(others),
	}
}

// withID gives an element its id; "" for none.
func withID(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

func along(ids []string) string {
	return "#" + strings.Join(ids, ":outerMorph,#") + ":outerMorph"
}

// inZone tells local.js the zone in which a time stays, where a setting chose one.
func keepsZone(m moment) templ.Attributes {
	if m.Keeps == "" {
		return nil
	}
	return templ.Attributes{"data-zone": m.Keeps}
}
