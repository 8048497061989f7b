package store

import (
	"context"
	"database/sql/driver"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// SQLite reads and plans the text of a statement anew each time it is asked, which takes longer than most of our
// answers do. So each connection keeps the statements it was asked for, and hands them out again for the same
// text, inside and outside of transactions. Nobody else needs to know: this stands between database/sql and the
// driver.

// maxKept is how many statements one connection keeps. What takes ids in IN (…) comes in a few lengths only, see
// conditions.list, so that these are all that are asked for often.
const maxKept = 128

// connector makes connections that keep their statements.
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

// sqliteConn is what a connection of the driver can do.
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

// conn is one connection; database/sql lets one caller at a time use it.
type conn struct {
	sqliteConn
	kept  map[string]*statement // by its text
	calls int                   // so far
}

// statement is one that was prepared.
type statement struct {
	driver.Stmt
	last int  // call that used it last
	busy bool // its rows are still being read
}

// statement returns the kept one, or keeps another. nil: this text is to be asked without one, because it is of a
// kind that is asked once in a lifetime, or because somebody still reads the rows of the last time.
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

// unnamed returns a statement with ? for its parameters where these are $1, $2, $3 and so on, each once and in
// this order. $1 is a name to SQLite, and the driver asks for the name of each parameter, for which SQLite looks
// through those of all: with a thousand parameters that took longer than the insert.
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

// worthKeeping leaves out what changes the schema or the connection; the driver knows about several statements in
// one text.
func worthKeeping(query string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

// forgetOne closes the statement that was not asked for the longest time.
func (c *conn) forgetOne() {
	oldest, at := "", c.calls+1
	for query, s := range c.kept {
		if !s.busy && s.last < at {
			oldest, at = query, s.last
		}
	}
	if s := c.kept[oldest]; s != nil {
		delete(c.kept, oldest)
		_ = s.Close() // tells the error of its last use again
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

// Close closes the connection with its statements.
func (c *conn) Close() error {
	for _, s := range c.kept {
		_ = s.Close() // tells the error of its last use again
	}
	c.kept = nil
	return c.sqliteConn.Close()
}

// rows give their statement back when they are closed, which database/sql does once, and before another caller has the
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
