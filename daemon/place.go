package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"postern/accounts"
	"postern/feed"
	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	// PlaceName is the file beside the database that tells an older copy of it from the one that was worked with last.
	PlaceName = "place"
	// placeSize is what the file has in bytes, so that it is written in one piece and never cut.
	placeSize = 2048
	// TouchedAfter is how much later than it says a place file is written when somebody else did so.
	TouchedAfter = 2 * time.Second
	// beatTick is how often the program writes down that it works with the database.
	beatTick = "@every 20s"
)

// Place knows whether the database is the one that was worked with last, and whether a copy of it is at work on
// this machine. It holds no lock of the data directory: that is taken before.
type Place struct {
	o    PlaceOptions
	path string // of the database

	mu     sync.Mutex
	own    *os.File // the file beside the database
	others []*rival // the same of the directories that the database was copied from
	held   bool     // own is locked by us
	waited bool     // it was not, when we asked first
	here   store.Place
}

// rival is the place file of a directory that the database was copied from.
type rival struct {
	path string // of the database there
	file *os.File
	held bool
}

// PlaceOptions of Arrive.
type PlaceOptions struct {
	Store    *store.Store
	Poller   *feed.Poller
	Accounts *accounts.Accounts // know Instagram's clock
	DataDir  string
	Logger   *slog.Logger
}

// Arrive compares the database with what is known of it, before anything is published. The caller leaves the place.
func Arrive(ctx context.Context, o PlaceOptions) (*Place, error) {
	path, err := filepath.Abs(o.Store.Path())
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	p := &Place{o: o, path: path}
	if p.own, err = os.OpenFile(filepath.Join(filepath.Dir(path), PlaceName), os.O_RDWR|os.O_CREATE,
		0o600); err != nil {
		return nil, dirError(o.DataDir, err)
	}
	if err := p.rightClock(ctx); err != nil {
		p.Leave()
		return nil, err
	}
	p.held = !isLocked(p.own)
	p.waited = !p.held
	if err := p.compare(ctx, readMark(p.own)); err != nil {
		p.Leave()
		return nil, err
	}
	return p, nil
}

// rightClock corrects what a clock wrote that was ahead.
func (p *Place) rightClock(ctx context.Context) error {
	ahead, err := p.o.Store.RightClock(ctx)
	if err != nil {
		return err
	}
	if ahead > 0 {
		p.o.Logger.Warn("the clock was ahead and is right again; the times that it set are corrected",
			slog.Duration("by", ahead))
	}
	return p.o.Poller.Recover(ctx)
}

// Depart writes down up to when the program worked with the database.
func (p *Place) Depart(ctx context.Context) {
	if err := p.Beat(context.WithoutCancel(ctx)); err != nil {
		p.o.Logger.Error("noting the place of the database", slog.Any("error", err))
	}
}

// compare asks the store what the database is. p.mu is held, or nobody else knows p yet.
func (p *Place) compare(ctx context.Context, mark store.Mark) error {
	here := store.Place{Path: p.path, Inode: inode(p.path)}
	arrival, err := p.o.Store.Arrive(ctx, here, mark, !p.held)
	if err != nil {
		return err
	}
	p.here = arrival.Place
	log := p.o.Logger.With(slog.Time("since", arrival.Since))
	switch arrival.Kind {
	case store.Copied:
		log.Warn("the database is a backup: what was on its way is held, and everything is compared with the profile",
			slog.Int("held", arrival.Held))
	case store.Elsewhere:
		log.Warn(
			"the database is no longer in its previous place: everything is compared with the profile before it " +
				"goes out")
	case store.Behind:
		log.Warn(
			"the database is older than the one used before: everything is compared with the profile before it goes out")
	case store.Late:
		log.Info(
			"nobody worked with the database for a while: what waits is compared with the profile before it goes out")
	}
	if len(p.others) == 0 {
		for _, former := range p.here.Earlier {
			if r := p.findRival(former); r != nil {
				p.others = append(p.others, r)
			}
		}
	}
	if !p.held {
		return nil
	}
	return p.write(store.Mark{})
}

// findRival returns the directory that the database was copied from, if it is still there. One that was moved is
// not, and one that is another installation's by now has another id.
func (p *Place) findRival(l store.DataDir) *rival {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(l.Path), PlaceName), os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	theirs, err := f.Stat()
	if ours, oerr := p.own.Stat(); err != nil || oerr != nil || os.SameFile(theirs, ours) || readMark(f).ID != l.ID {
		f.Close()
		return nil
	}
	return &rival{path: l.Path, file: f}
}

// Yield returns why nothing may be published now: another process on this machine works with the database that this
// one is a copy of, or with a copy of this one. Zero from when that has ended; it then waits for us.
func (p *Place) Yield(ctx context.Context) reason.Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take(ctx)
}

// take locks what says who publishes from this database and its copies. It returns why that is not possible. p.mu
// is held.
func (p *Place) take(ctx context.Context) reason.Reason {
	if !p.held {
		if isLocked(p.own) {
			return reason.New(reason.Yields, readMark(p.own).By)
		}
		p.held = true
	}
	for _, r := range p.others {
		if r.held {
			continue
		}
		if isLocked(r.file) {
			p.waited = true
			return reason.New(reason.Yields, r.path)
		}
		// Whoever starts there next finds that somebody went on.
		mark := readMark(r.file)
		mark.Event, mark.By = store.ForeignEvent, p.path[:min(len(p.path), placeSize/2)]
		if err := writeMark(r.file, mark); err != nil {
			p.o.Logger.Warn("the database that this one is a copy of cannot be told", slog.String("path", r.path),
				slog.Any("error", err))
		}
		r.held = true
	}
	if p.waited { // whatever happened meanwhile, this database does not know it
		mark := readMark(p.own)
		mark.Event = store.ForeignEvent
		if err := p.compare(ctx, mark); err != nil {
			p.o.Logger.Error("comparing the place of the database", slog.Any("error", err))
			return reason.New(reason.PlaceUnknown)
		}
		p.waited = false
	}
	return reason.Reason{}
}

// isLocked reports whether another process has locked a file, and locks it otherwise. Where locks cannot be had
// it is free.
func isLocked(f *os.File) bool { return errors.Is(tryLock(f), errLocked) }

// Beat writes down that the program works with the database.
func (p *Place) Beat(ctx context.Context) error {
	if err := p.rightClock(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.take(ctx).IsZero() {
		return nil // then it does not
	}
	if time.Since(p.here.At.Round(0)).Abs() > 10*time.Minute { // the machine slept, or was put back as it was
		if err := p.compare(ctx, readMark(p.own)); err != nil {
			return err
		}
	}
	here, mark, err := p.o.Store.Beat(ctx, p.here, p.o.Accounts.Now())
	if err != nil {
		return err
	}
	p.here = here
	return p.write(mark)
}

// Intent writes down the newest event of the database, before anything is sent: a copy of before does not know it.
func (p *Place) Intent(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.write(store.Mark{})
}

// write keeps a mark in the file beside the database; the newest event is asked for when it has none.
func (p *Place) write(mark store.Mark) (err error) {
	if mark.Event == 0 {
		if mark.Event, mark.EventAt, err = p.o.Store.Newest(context.Background()); err != nil {
			return err
		}
	}
	mark.ID, mark.At = p.here.ID, time.Now()
	return writeMark(p.own, mark)
}

// Leave gives back what Arrive took.
func (p *Place) Leave() {
	p.own.Close() // which unlocks it
	for _, r := range p.others {
		r.file.Close()
	}
}

// readMark returns what the file says; nothing when it is empty or cannot be understood, which is said to be
// another place.
func readMark(f *os.File) (m store.Mark) {
	b := make([]byte, placeSize)
	n, _ := f.ReadAt(b, 0)
	if err := json.Unmarshal(bytes.TrimSpace(b[:n]), &m); err != nil {
		return store.Mark{}
	}
	if at, err := f.Stat(); err == nil {
		m.Touched = changedAt(at).Sub(m.At) > TouchedAfter
	}
	return m
}

func writeMark(f *os.File, m store.Mark) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(b) >= placeSize {
		return errors.New(words.PlaceTooLong)
	}
	b = append(append(b, bytes.Repeat([]byte{' '}, placeSize-len(b)-1)...), '\n')
	if _, err := f.WriteAt(b, 0); err != nil {
		return dirError(filepath.Dir(f.Name()), err)
	}
	return f.Sync()
}

// inode returns the number of a file; 0 where it has none.
func inode(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return inodeOf(info)
}
