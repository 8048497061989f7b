package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"postern/store"
)

// listing describes a command that lists rows of the database. R is a row, V its JSON form.
type listing[R, V any] struct {
	command string
	nothing string // printed if there are no rows, unless the output is JSON
	rows    func(*store.Store, context.Context) ([]R, error)
	view    func(R) V
	head    []string
	cells   func(r R, now time.Time) []string
}

// run prints the list. It prints an empty list if there is no database yet; see invocation.nothing.
func (l listing[R, V]) run(in *invocation) error {
	app, err := in.tools(l.command)
	if err != nil {
		return in.nothing(err, l.nothing)
	}
	defer app.Close()
	list, err := l.rows(app.store, in.ctx)
	if err != nil {
		return err
	}
	views := []V{}
	for _, r := range list {
		views = append(views, l.view(r))
	}
	return in.print(views, func(w io.Writer) error {
		if len(list) == 0 {
			_, err := fmt.Fprintln(w, l.nothing)
			return err
		}
		now, rows := time.Now(), [][]string{}
		for _, r := range list {
			rows = append(rows, l.cells(r, now))
		}
		return table(w, l.head, rows)
	})
}
