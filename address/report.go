package address

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	// A good answer counts so long; proxies, tunnels and certificates break without anybody changing Postern.
	goodFor = 24 * time.Hour
	// A bad one is asked again after so long.
	badFor = 10 * time.Minute
	// checkTime bounds all questions of one check.
	checkTime = 45 * time.Second

	// setting keeps the last report, so that a check made beside the daemon lets its queue go on.
	setting = "address.report"
)

// Report is what a check found.
type Report struct {
	Address  string          `json:"address"`
	At       time.Time       `json:"at"`
	Findings []store.Finding `json:"findings"`
	// Shut is why it is certain that Instagram can fetch nothing, with what to do; "" when it can, or may.
	Shut string `json:"shut,omitempty"`
	// Since is when a check first found it so, without a good one in between; the zero time with Shut "".
	Since time.Time `json:"since,omitzero"`
	// Unsure is why it could not be found out from here.
	Unsure string `json:"unsure,omitempty"`
}

// Again is when the answer has to be asked for again.
func (r Report) Again() time.Time {
	if r.Shut != "" {
		return r.At.Add(badFor)
	}
	return r.At.Add(goodFor)
}

// Ready returns what is known about the address, and asks if that was not done since the program began or is too
// long ago. With Shut, nothing is to be sent before Again. An error says that it could not be asked at all; it is
// a *[media.Error] when it is about this machine or the bucket.
func (p *Public) Ready(ctx context.Context) (Report, error) {
	if p.within {
		return Report{}, nil
	}
	if r, ok, err := p.known(ctx); ok || err != nil {
		return r, err
	}
	release, err := p.alone(ctx)
	if err != nil {
		return Report{}, err
	}
	defer release()
	if r, ok, err := p.known(ctx); ok || err != nil { // somebody else asked meanwhile
		return r, err
	}
	return p.ask(ctx)
}

// Check asks now, and says in plain words how it is. It is never empty: without an address it says so. What it
// finds counts for what waits.
func (p *Public) Check(ctx context.Context) []store.Finding {
	if p.None() {
		return noAddress()
	}
	r, err := p.askAlone(ctx)
	if err != nil {
		return unasked(err)
	}
	return r.Findings
}

// CheckReadOnly does what Check does and writes nothing to the database.
func (p *Public) CheckReadOnly(ctx context.Context) []store.Finding {
	if p.None() {
		return noAddress()
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	all, err := p.checkFile(ctx)
	if err != nil {
		return unasked(err)
	}
	var out []store.Finding
	for _, f := range all {
		out = append(out, f.Finding)
	}
	return out
}

func noAddress() []store.Finding {
	return []store.Finding{{
		Check: ruleNone, OK: true, Detail: words.PublicURLNone, Remedy: words.FixPublicURLNone,
	}}
}

func unasked(err error) []store.Finding {
	return []store.Finding{{Check: rule, Detail: words.PublicUnchecked(err.Error()), Remedy: words.FixPublicUnchecked}}
}

func (p *Public) askAlone(ctx context.Context) (Report, error) {
	release, err := p.alone(ctx)
	if err != nil {
		return Report{}, err
	}
	defer release()
	return p.ask(ctx)
}

// Last is the last report, whenever and by whichever process it was made; the zero Report when there is none.
func (p *Public) Last(ctx context.Context) (Report, error) {
	if p.None() {
		return Report{}, nil
	}
	return p.last(ctx)
}

// Persists says that the address has not worked for so long that it is no moment's trouble, such as a proxy's restart.
func (r Report) Persists(now time.Time) bool { return r.Shut != "" && now.Sub(r.Since) >= badFor }

// Doubt makes the last report, and what sources answered, too old to count: Instagram says that it could not
// fetch a file.
func (p *Public) Doubt(ctx context.Context) {
	if p != nil {
		p.sources.forget()
	}
	if p.None() || p.within {
		return
	}
	r, err := p.last(ctx)
	if err == nil && !r.At.IsZero() {
		r.At = time.Time{}
		err = p.keep(ctx, r)
	}
	if err != nil {
		p.log.Error("forgetting what is known about the public address", slog.Any("error", err))
	}
}

func (p *Public) alone(ctx context.Context) (release func(), err error) {
	select {
	case p.checking <- struct{}{}:
		return func() { <-p.checking }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// last is the last report about this address; the zero Report when there is none.
func (p *Public) last(ctx context.Context) (Report, error) {
	var r Report
	text, err := p.store.Setting(ctx, setting)
	if err != nil || text == "" {
		return r, err
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Address != p.files {
		return Report{}, nil // of another version or another address
	}
	return r, nil
}

// known is the last report if it still counts.
func (p *Public) known(ctx context.Context) (Report, bool, error) {
	r, err := p.last(ctx)
	now := time.Now()
	return r, err == nil && !r.At.Before(p.began) && !r.At.After(now) && now.Before(r.Again()), err
}

// ask makes a report and keeps it.
func (p *Public) ask(ctx context.Context) (Report, error) {
	before, err := p.last(ctx)
	if err != nil {
		return Report{}, err
	}
	asking, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	found, err := p.checkFile(asking)
	if err == nil {
		err = ctx.Err() // what was cut short says nothing about the address
	}
	if err != nil {
		return Report{}, err
	}
	r := Report{Address: p.files, At: time.Now().UTC().Truncate(time.Millisecond)}
	for _, f := range found {
		r.Findings = append(r.Findings, f.Finding)
		switch {
		case f.weight == shut && r.Shut == "":
			r.Shut = f.Detail + "; " + f.Remedy
		case f.weight == unsure && r.Unsure == "":
			r.Unsure = f.Detail + "; " + f.Remedy
		}
	}
	if r.Shut != "" {
		r.Since = r.At
		if before.Shut != "" && !before.Since.IsZero() && before.Since.Before(r.At) {
			r.Since = before.Since
		}
	}
	p.tell(before, r)
	err = p.keep(ctx, r)
	if err == nil && r.Shut == "" {
		err = p.store.WakeWaiting(ctx, reason.PublicAddress)
	}
	return r, err
}

func (p *Public) keep(ctx context.Context, r Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return p.store.SetSetting(ctx, setting, string(text))
}

// tell logs what changed, once.
func (p *Public) tell(before, now Report) {
	switch {
	case now.Shut != before.Shut && now.Shut != "":
		p.log.Warn("the public address does not work", slog.String("reason", now.Shut))
	case now.Unsure != before.Unsure && now.Unsure != "":
		p.log.Warn("the public address cannot be checked from here", slog.String("reason", now.Unsure))
	case now.Shut != before.Shut:
		p.log.Info("the public address works")
	}
}
