package simulator

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"postern/words"
)

//go:embed page.html style.css
var assets embed.FS

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"title": words.SimulatedTitle, "posts": words.SimulatedPosts, "asks": words.SimulatedAsks,
	"allowAs": words.SimulatedAllowAs, "live": words.SimulatedLive, "say": func(name string) string { return sentences[name] },
}).ParseFS(assets, "page.html"))

// sentences are those of the template, by the names that it has for them.
var sentences = map[string]string{
	"note": words.SimulatedNote, "refused": words.SimulatedRefused, "allow": words.SimulatedAllow,
	"no log-in": words.SimulatedNoLogIn, "no alt": words.SimulatedNoAlt, "no posts": words.SimulatedNoPosts,
	"no accounts": words.SimulatedNoAccounts, "accounts": words.SimulatedAccounts,
}

var keptName = regexp.MustCompile(`^[0-9a-f]{64}\.(jpg|mp4)$`)

// routes are the pages a person looks at. All links start at the prefix.
func (s *Server) routes(logIn bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /-/style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "style.css")
	})
	mux.HandleFunc("GET /favicon.ico",
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /-/media/{name}", s.kept)
	if logIn {
		mux.HandleFunc("GET /oauth/authorize", s.askConsent)
		mux.HandleFunc("POST /oauth/authorize", s.consent)
	}
	mux.HandleFunc("GET /p/{code}/", s.post)
	mux.HandleFunc("GET /reel/{code}/", s.post)
	mux.HandleFunc("GET /stories/{name}/{id}/", s.post)
	mux.HandleFunc("GET /{name}/{$}", s.profile)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if h.Get("Content-Security-Policy") == "" { // else within pages that have a stricter one
			h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
		}
		mux.ServeHTTP(w, r)
	})
}

// kept serves our copy of a picture or video.
func (s *Server) kept(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	b, ok := []byte(nil), false
	if keptName.MatchString(name) {
		b, ok = s.file(name)
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // the name is the content
	http.ServeContent(w, r, name, time.Time{}, strings.NewReader(string(b)))
}

type view struct {
	Title    string
	Prefix   string // before every path
	Refresh  int    // seconds; 0 is never
	Account  *Account
	Initial  string
	Accounts []accountView
	Count    int
	Stories  []tile
	Posts    []tile
	Post     *postView
	Consent  *consentView
	Refused  string // what went wrong, instead of anything else
}

type accountView struct {
	Name, Path, Initial string
	Count               int
}

type tile struct {
	Path    string
	Picture string // address of a picture; "" shows words
	Video   string
	Alt     string
	Words   string
	Badge   string
	Tone    int
}

type postView struct {
	Badge   string
	Caption string
	At      string
	ID      string
	Slides  []slideView

	Extras   []string
	Comments []Comment
}

type slideView struct {
	Picture, Video, Poster string
	Alt, Source            string
	Number, Total          int
	Tone                   int
}

func (s *Server) mediaPath(name string) string {
	if name == "" {
		return ""
	}
	return s.o.Prefix + "/-/media/" + name
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.catchUp(s.now())
	v := view{Title: "Simulated Instagram", Refresh: 5}
	for _, a := range s.st.Accounts {
		n := 0
		for _, p := range s.st.Posts {
			if p.UserID == a.UserID {
				n++
			}
		}
		v.Accounts = append(v.Accounts,
			accountView{Name: a.Username, Path: s.o.Prefix + "/" + a.Username + "/",
				Initial: initial(a.Name), Count: n})
	}
	s.mu.Unlock()
	if len(v.Accounts) == 1 {
		http.Redirect(w, r, v.Accounts[0].Path, http.StatusSeeOther)
		return
	}
	s.render(w, v)
}

func (s *Server) profile(w http.ResponseWriter, r *http.Request) {
	account := s.named(r.PathValue("name"))
	if account == nil {
		http.NotFound(w, r)
		return
	}
	v := view{Title: account.Username, Refresh: 5, Account: account, Initial: initial(account.Name)}
	posts := s.Posts(account.UserID)
	v.Count = len(posts)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range posts {
		first := p.Slides[0]
		t := tile{
			Path: s.o.Prefix + s.path(&p), Alt: first.AltText, Badge: badge(p), Tone: tone(p.ID),
			Picture: s.mediaPath(first.File), Words: firstWords(p.Caption),
		}
		if first.Video {
			t.Picture, t.Video = s.mediaPath(first.Cover), s.mediaPath(first.File)
		}
		if t.Alt == "" {
			t.Alt = words.SimulatedPostOf(p.At)
		}
		if p.ProductType == story {
			v.Stories = append(v.Stories, t)
		} else {
			v.Posts = append(v.Posts, t)
		}
	}
	s.render(w, v)
}

func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	code, id := r.PathValue("code"), r.PathValue("id")
	posts := s.Posts("")
	i := slices.IndexFunc(posts, func(p Post) bool { return p.Shortcode == code || p.ID == id })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	p := posts[i]
	s.mu.Lock()
	var account Account
	if a := s.st.account(p.UserID); a != nil {
		account = *a
	}
	s.mu.Unlock()
	pv := &postView{Badge: badge(p), Caption: p.Caption,
		At: p.At.UTC().Format("2 January 2006, 15:04:05 UTC"), ID: p.ID}
	if n := len(p.Slides); n > 1 {
		pv.Badge = fmt.Sprintf("%d slides", n)
	}
	pv.Extras, pv.Comments = p.extras(), p.Comments
	for n, slide := range p.Slides {
		sv := slideView{
			Picture: s.mediaPath(slide.File), Alt: slide.AltText, Source: slide.URL,
			Number: n + 1, Total: len(p.Slides), Tone: tone(slide.ContainerID),
		}
		if slide.Video {
			sv.Picture, sv.Video, sv.Poster = "", s.mediaPath(slide.File), s.mediaPath(slide.Cover)
		}
		pv.Slides = append(pv.Slides, sv)
	}
	s.render(w, view{Title: words.SimulatedPostBy(account.Username), Account: &account, Initial: initial(account.Name),
		Post: pv})
}

func (s *Server) named(username string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.st.Accounts {
		if a.Username == username {
			found := *a
			return &found
		}
	}
	return nil
}

func (s *Server) render(w http.ResponseWriter, v view) {
	v.Prefix = s.o.Prefix
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := pageTemplate.Execute(w, v); err != nil {
		s.log.Error("simulator page", "error", err)
	}
}

func initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// tone gives a post without a picture one of six colours.
func tone(id string) int { return int(digest(path.Base(id))[0]) % 6 }

func badge(p Post) string {
	switch {
	case p.ProductType == reels:
		return "Reel"
	case p.ProductType == story:
		return "Story"
	case len(p.Slides) > 1:
		return fmt.Sprintf("1/%d", len(p.Slides))
	}
	return ""
}

func firstWords(caption string) string {
	const enough = 90
	if runes := []rune(caption); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return caption
}
