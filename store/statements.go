package store

import (
	"context"
	"database/sql/driver"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// SQLite parses and plans the text of a statement each time it is executed, which takes longer than most of our
// queries run. Therefore each connection keeps its prepared statements and reuses them for the same text, inside and
// outside of transactions. This file implements that between database/sql and the driver, so other code need not
// know about it.

// maxKept is the maximum number of statements that one connection keeps. conditions.list limits the number of
// different IN (…) lists, so that all frequent statements fit.
const maxKept = 128

// connector creates connections that keep their statements.
type connector struct{ driver.Connector }

func newConnector(dsn string) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return connector{c}, err
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner.(sqliteConn), map[string]*statement{}, 0}, nil
}

// sqliteConn lists the interfaces that a connection of the driver implements.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// conn is one connection; database/sql lets only one caller use it at a time.
type conn struct {
	sqliteConn
	kept  map[string]*statement // by the text of the statement
	calls int                   // number of calls so far
}

// statement is a prepared statement.
type statement struct {
	driver.Stmt
	last int  // number of the call that used it last
	busy bool // its rows are still being read
}

// statement returns the kept statement for a text, or prepares and keeps one. It returns nil if the text must be
// executed without it: it is of a kind that runs only once, or the rows of the previous execution are still being
// read.
func (c *conn) statement(ctx context.Context, query string) (*statement, error) {
	c.calls++
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		s.last = c.calls
		return s, nil
	}
	if !worthKeeping(query) {
		return nil, nil
	}
	inner, err := c.PrepareContext(ctx, unnamed(query))
	if err != nil {
		return nil, err
	}
	if len(c.kept) >= maxKept {
		c.forgetOne()
	}
	s := &statement{Stmt: inner, last: c.calls}
	c.kept[query] = s
	return s, nil
}

// unnamed replaces the parameters of a statement by ? if they are $1, $2, $3 and so on, each once and in this order.
// SQLite treats $1 as a name, and the driver asks for the name of each parameter, for which SQLite searches the
// names of all of them. With a thousand parameters that took longer than the insert itself.
func unnamed(query string) string {
	var b strings.Builder
	rest := query
	for n := 1; ; n++ {
		i := strings.IndexByte(rest, '$')
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		number := strconv.Itoa(n)
		after, ok := strings.CutPrefix(rest[i+1:], number)
		if !ok || after != "" && after[0] >= '0' && after[0] <= '9' {
			return query
		}
		b.WriteString(rest[:i])
		b.WriteByte('?')
		rest = after
	}
}

// worthKeeping reports whether a statement may be kept. It excludes statements that change the schema or the
// connection. The driver itself handles texts with several statements.
func worthKeeping(query string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

// forgetOne closes the statement that has not been used for the longest time.
func (c *conn) forgetOne() {
	oldest, at := "", c.calls+1
	for query, s := range c.kept {
		if !s.busy && s.last < at {
			oldest, at = query, s.last
		}
	}
	if s := c.kept[oldest]; s != nil {
		delete(c.kept, oldest)
		_ = s.Close() // repeats the error of its last execution
	}
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	r, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &rows{r, s}, nil
}

// Close closes the connection and its statements.
func (c *conn) Close() error {
	for _, s := range c.kept {
		_ = s.Close() // repeats the error of its last execution
	}
	c.kept = nil
	return c.sqliteConn.Close()
}

// rows release their statement when they are closed. database/sql closes them once, before another caller gets the
// connection.
type rows struct {
	driver.Rows
	of *statement
}

func (r *rows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}
