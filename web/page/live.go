package page

import (
	"strings"

	"github.com/a-h/templ"
)

// live marks a part of a page that htmx requests again after an event. others are the ids of further parts in the
// same response; the numbers in the navigation are always included. Without JavaScript the attributes do nothing. A
// form that the visitor may be typing in must never be inside such a part.
func live(event, here string, others ...string) templ.Attributes {
	return templ.Attributes{
		"hx-get": here, "hx-trigger": event + " from:#events", "hx-select": "#live", "hx-target": "#live",
		"hx-swap":       "outerMorph",
		"hx-select-oob": along(append([]string{"asks", "wrong"}, others...)),
	}
}

// postsLive keeps the list of posts up to date, except where posts have checkboxes: a refresh would clear them.
func postsLive(v postsView) templ.Attributes {
	if v.PutBack != "" {
		return nil
	}
	return live("changed", v.Here)
}

// watch makes a part poll, for changes without an event: the progress of a download or conversion, and the preflight
// of waiting posts. The part replaces itself, so polling ends when the new part has no such attributes.
func watch(every, here string, others ...string) templ.Attributes {
	if every == "" {
		return nil
	}
	return templ.Attributes{
		"hx-get": here, "hx-trigger": "every " + every, "hx-select": "#watch", "hx-target": "#watch",
		"hx-swap": "outerHTML", "hx-select-oob": along(others),
	}
}

// withID sets the id of an element; "" sets none.
func withID(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

func along(ids []string) string {
	return "#" + strings.Join(ids, ":outerMorph,#") + ":outerMorph"
}

// keepsZone tells local.js to keep a time in the zone that a setting chose.
func keepsZone(m moment) templ.Attributes {
	if m.Keeps == "" {
		return nil
	}
	return templ.Attributes{"data-zone": m.Keeps}
}
