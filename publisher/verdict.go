package publisher

import (
	"postern/draft"
	"postern/reason"
	"postern/store"
)

// Verdict returns what will happen to a publication at its turn according to its post, its edits and the settings:
// Queued if it will be published, otherwise Skipped or Held with the reason. It uses judge, like the publisher, the
// forecast and the answers to a change of settings, so that all of them agree.
func Verdict(l store.Listed, route store.Route) (store.State, reason.Reason) {
	layers := draft.Layers(l.Account, route, l.Post)
	plan, to, why := judge(l.Publication, l.Post, layers)
	if to != store.Queued {
		return to, why
	}
	if l.Preflight.Valid && !l.Approved && !l.Expedited {
		if _, fault := plan.LeaveOut(l.Preflight.Checks, nil); draft.LeavesNothing(fault) {
			return store.Skipped, draft.Unfit(fault)
		}
	}
	if l.Reason.Is(reason.SettingRefused) && isStillSet(l.Reason, draft.Resolve(layers...)) {
		return store.Held, l.Reason
	}
	return store.Queued, reason.Reason{}
}

// judge returns the plan of a publication and the state that its post, its edits and the settings lead to: Queued if
// it will be published, otherwise Skipped or Held with the reason.
func judge(p store.Publication, post store.Post, layers []draft.Layer) (draft.Draft, store.State, reason.Reason) {
	isDecided := p.Approved || p.Expedited
	if why := draft.Filtered(post, draft.Resolve(layers...)); !why.IsZero() && !isDecided {
		return draft.Draft{}, store.Skipped, why
	}
	plan, fault := draft.PlanPart(post, p.Part, p.Parts, p.Edits, layers...)
	if fault != nil {
		return plan, store.Held, draft.Unfit(fault)
	}
	if isDecided {
		return plan, store.Queued, reason.Reason{}
	}
	if why := draft.SensitiveHold(post, plan.Settings); !why.IsZero() {
		return plan, store.Held, why
	}
	if s := plan.Settings.Approve; s.V {
		return plan, store.Held, reason.New(reason.Approval).BySetting("approve", s.Origin)
	}
	return plan, store.Queued, reason.Reason{}
}
