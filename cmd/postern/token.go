package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"postern/shape"
	"postern/store"
	"postern/words"
)

type tokenJSON struct {
	ID         int64       `json:"id"`
	Label      string      `json:"label"`
	Scope      store.Scope `json:"scope"` // read or write
	CreatedAt  string      `json:"created_at"`
	LastUsedAt string      `json:"last_used_at"`    // to the minute; "" for never
	Token      string      `json:"token,omitempty"` // of `token add` only
}

func tokenView(t store.Token) tokenJSON {
	return tokenJSON{ID: t.ID, Label: t.Label, Scope: t.Scope, CreatedAt: shape.Time(t.CreatedAt),
		LastUsedAt: shape.Time(t.LastUsedAt)}
}

type tokenAddCmd struct {
	Label string `help:"help_token_add_label" placeholder:"L" required:""`
	Write bool   `help:"help_token_add_write"`
}

// Run makes a token.
func (c *tokenAddCmd) Run(in *invocation) error {
	app, err := in.firstTools("token add")
	if err != nil {
		return err
	}
	defer app.Close()
	t, value, err := app.orders().AddToken(in.ctx, c.Label, c.Write)
	if errors.Is(err, store.ErrLabel) {
		return usage(err.Error())
	}
	if err != nil {
		return err
	}
	v := tokenView(t)
	v.Token = value
	return in.print(v, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, value)
		return err
	})
}

type tokenListCmd struct{}

// Run lists the tokens, without what opens.
func (tokenListCmd) Run(in *invocation) error {
	return listing[store.Token, tokenJSON]{
		command: "token list", nothing: words.APITokensNone,
		rows: (*store.Store).Tokens, view: tokenView,
		head: []string{"ID", "LABEL", "SCOPE", "MADE", "LAST USED"},
		cells: func(t store.Token, now time.Time) []string {
			used := ifElse(t.LastUsedAt.IsZero(), "never", when(t.LastUsedAt, now))
			return []string{fmt.Sprint(t.ID), short(t.Label, 40), string(t.Scope), when(t.CreatedAt, now), used}
		},
	}.run(in)
}

type tokenRemoveCmd struct {
	ID int64 `arg:"" help:"help_token_remove_id"`
}

// Run ends a token, at once.
func (c *tokenRemoveCmd) Run(in *invocation) error {
	app, err := in.tools("token remove")
	if err != nil {
		return err
	}
	defer app.Close()
	t, err := app.orders().RemoveToken(in.ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return errors.New(words.APITokenNone(c.ID))
	}
	if err != nil {
		return err
	}
	return in.answer(tokenView(t), words.APITokenRevoked(t.Label))
}
