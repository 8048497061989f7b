package web

import (
	"strings"

	"github.com/a-h/templ"
)

// live marks a part of a page that is read again when something happens; others are the ids of further parts that come
// with it. Without the script they are parts like any other. A form that somebody may be typing in is never in one.
func live(event, here string, others ...string) templ.Attributes {
	a := templ.Attributes{"hx-get": here, "hx-trigger": event + " from:#events", "hx-select": "#live", "hx-target": "#live", "hx-swap": "outerMorph"}
	if len(others) > 0 {
		a["hx-select-oob"] = "#" + strings.Join(others, ":outerMorph,#") + ":outerMorph"
	}
	return a
}

// watch is for what moves without an event: how far a download or a conversion is. It ends with what it watches.
func watch(moving bool, here string) templ.Attributes {
	if !moving {
		return nil
	}
	return templ.Attributes{"hx-get": here, "hx-trigger": "every 2s", "hx-select": "#progress", "hx-target": "#progress", "hx-swap": "outerMorph"}
}
