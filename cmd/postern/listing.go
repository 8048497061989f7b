package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"postern/store"
)

// listing is how a command lists rows R of the database, for programs as V.
type listing[R, V any] struct {
	command string
	nothing string // said to people when there are none
	rows    func(*store.Store, context.Context) ([]R, error)
	view    func(R) V
	head    []string
	cells   func(r R, now time.Time) []string
}

// run prints it. Without a database there is nothing in it; see invocation.nothing.
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
