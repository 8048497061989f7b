package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Account is someone to post as.
type Account struct {
	UserID      string    // 1784…; "" is made from seed and user name
	AppScopedID string    // what /me calls id; "" is made
	Username    string    // "" is "sandbox"
	Name        string    // "" is the user name
	Type        string    // what /me calls account_type; "" is BUSINESS
	Stranger    bool      // has no accepted role in the app: its tokens are given out and answered by nothing
	Permissions []string  // what tokens made in the dashboard may do; nil is everything
	Token       string    `json:"-"` // "" is made; the state keeps a hash only
	TokenIssued time.Time `json:"-"` // zero is now; a token younger than 24 hours cannot be refreshed
}

// Post is something live.
type Post struct {
	ID          string
	ContainerID string
	UserID      string
	Caption     string
	MediaType   string // IMAGE, VIDEO or CAROUSEL_ALBUM
	ProductType string // FEED, REELS or STORY
	Shortcode   string
	Permalink   string
	Slides      []Slide // one, or those of the carousel
	Extras
	Discussion
	At time.Time
}

// Extras of a post, as far as its kind takes them.
type Extras struct {
	LocationID    string
	Collaborators []string
	ShareToFeed   string // "true", "false" or "" where it was not said
}

// Slide is a picture or a video of a post.
type Slide struct {
	ContainerID string
	Video       bool
	URL         string // where it was fetched
	AltText     string
	UserTags    []UserTag
	CoverURL    string // of a reel
	File        string // name of our copy; "" when not fetched
	Cover       string // name of our copy of the cover
	Width       int    // of a fetched picture
	Height      int
}

type container struct {
	ID          string
	UserID      string
	ProductType string
	MediaType   string
	Item        bool // of a carousel
	Caption     string
	Slides      []Slide
	Extras
	CreatedAt time.Time
	ReadyAt   time.Time
	Published bool
	Expired   bool
	Broken    *Reply // ERROR from ReadyAt on; what media_publish then says
	Attempts  int    // calls of media_publish
}

const containerLife = 24 * time.Hour

func (k *container) status(now time.Time) string {
	switch {
	case k.Published:
		return "PUBLISHED"
	case k.Expired, now.Sub(k.CreatedAt) >= containerLife:
		return "EXPIRED"
	case now.Before(k.ReadyAt):
		return "IN_PROGRESS"
	case k.Broken != nil:
		return "ERROR"
	}
	return "FINISHED"
}

type token struct {
	UserID      string
	Issued      time.Time
	Expires     time.Time
	Dead        bool
	Permissions []string // nil is everything
}

// pending is an effect that is still to come.
type pending struct {
	Container string
	At        time.Time
}

type state struct {
	Seed       int64
	Counter    uint64            // of ids
	Rolls      map[string]uint64 // of dice, by purpose
	Accounts   []*Account
	Tokens     map[string]*token // by hash
	Codes      map[string]grant  // unused log-in codes, by hash
	Containers map[string]*container
	Posts      []*Post // oldest first
	Pending    []pending
}

func (st *state) account(id string) *Account {
	for _, a := range st.Accounts {
		if a.UserID == id || a.AppScopedID == id {
			return a
		}
	}
	return nil
}

// AddAccount adds an account, or gives a known one another token, and returns
// it with everything that was made up.
func (s *Server) AddAccount(a Account) Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Username == "" {
		a.Username = "sandbox"
	}
	if a.UserID == "" {
		a.UserID = "1784" + digits(s.hash("user", a.Username), 13)
	}
	if a.AppScopedID == "" {
		a.AppScopedID = "289" + digits(s.hash("app-scoped", a.UserID), 14)
	}
	if a.Name == "" {
		a.Name = a.Username
	}
	if a.Token == "" {
		a.Token = "IGSIM" + word(s.hash("token", a.UserID))
	}
	if a.TokenIssued.IsZero() {
		a.TokenIssued = time.Now()
	}
	kept := a
	if known := s.st.account(a.UserID); known != nil {
		*known = kept
	} else {
		s.st.Accounts = append(s.st.Accounts, &kept)
	}
	s.st.Tokens[digest(a.Token)] = &token{UserID: a.UserID, Issued: a.TokenIssued,
		Expires: a.TokenIssued.Add(tokenLife), Permissions: a.Permissions}
	s.save()
	return a
}

// RevokeTokens kills all tokens of an account, as a changed password does.
func (s *Server) RevokeTokens(userID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.st.Tokens {
		t.Dead = t.Dead || t.UserID == userID
	}
	s.save()
}

// Posts returns what is live on an account, newest first, stories too. "" is all accounts.
func (s *Server) Posts(userID string) []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp(s.now())
	var live []Post
	for _, p := range slices.Backward(s.st.Posts) {
		if userID == "" || p.UserID == userID {
			post := *p
			post.Slides, post.Comments = slices.Clone(p.Slides), slices.Clone(p.Comments)
			live = append(live, post)
		}
	}
	return live
}

// catchUp lets the effects happen whose time has come.
func (s *Server) catchUp(now time.Time) {
	due := false
	s.st.Pending = slices.DeleteFunc(s.st.Pending, func(p pending) bool {
		if p.At.After(now) {
			return false
		}
		due = true
		if k := s.st.Containers[p.Container]; k != nil {
			s.goLive(k, p.At)
		}
		return true
	})
	if due {
		slices.SortStableFunc(s.st.Posts, func(a, b *Post) int { return a.At.Compare(b.At) })
		s.save()
	}
}

// hash is where everything random comes from: the seed and what it is for.
func (s *Server) hash(parts ...any) uint64 {
	sum := sha256.Sum256([]byte(fmt.Sprint(s.st.Seed, parts)))
	return binary.BigEndian.Uint64(sum[:])
}

// roll gives the next number below n of a purpose. Purposes do not disturb
// each other, so that another status read does not change which answer is lost.
func (s *Server) roll(purpose string, n uint64) uint64 {
	s.st.Rolls[purpose]++
	return s.hash("roll", purpose, s.st.Rolls[purpose]) % n
}

// newID mixes in the time: a run without a StateFile must not give out the ids
// of the run before.
func (s *Server) newID(prefix string) string {
	s.st.Counter++
	return prefix + digits(s.hash("id", prefix, s.st.Counter, time.Now().UnixNano()), 17-len(prefix))
}

func digits(h uint64, n int) string {
	text := fmt.Sprintf("%020d", h)
	return text[len(text)-n:]
}

func word(h uint64) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, h))
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s *Server) load() {
	if s.o.StateFile != "" {
		b, err := os.ReadFile(s.o.StateFile)
		if err == nil {
			err = json.Unmarshal(b, &s.st)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.log.Error("simulator state is unreadable, starting anew", slog.Any("error", err))
			_ = os.Rename(s.o.StateFile, s.o.StateFile+".unreadable")
			s.st = state{}
		}
	}
	if s.st.Rolls == nil {
		s.st.Rolls = map[string]uint64{}
	}
	if s.st.Tokens == nil {
		s.st.Tokens = map[string]*token{}
	}
	if s.st.Codes == nil {
		s.st.Codes = map[string]grant{}
	}
	if s.st.Containers == nil {
		s.st.Containers = map[string]*container{}
	}
}

func (s *Server) save() {
	if s.o.StateFile == "" {
		return
	}
	b, err := json.MarshalIndent(&s.st, "", " ")
	if err == nil {
		err = writeFile(s.o.StateFile, b)
	}
	if err != nil {
		s.log.Error("simulator state was not saved", slog.Any("error", err))
	}
}

// writeFile replaces a file as a whole or not at all.
func writeFile(name string, b []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// keep stores a copy of fetched media and returns its name.
func (s *Server) keep(b []byte, ext string) string {
	sum := sha256.Sum256(b)
	name := hex.EncodeToString(sum[:]) + ext
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.StateFile == "" {
		s.files[name] = b
		return name
	}
	path := filepath.Join(s.mediaDir(), name)
	if _, err := os.Stat(path); err == nil {
		return name
	}
	if err := writeFile(path, b); err != nil {
		s.log.Error("simulator media was not saved", slog.Any("error", err))
		return ""
	}
	return name
}

func (s *Server) mediaDir() string { return s.o.StateFile + ".media" }

// file opens a copy; the name has been checked to be one of ours.
func (s *Server) file(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.StateFile == "" {
		b, ok := s.files[name]
		return b, ok
	}
	b, err := os.ReadFile(filepath.Join(s.mediaDir(), name))
	return b, err == nil
}
