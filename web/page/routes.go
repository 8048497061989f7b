package page

import (
	"net/http"
	"strings"

	"postern/store"
	"postern/words"
)

// link is the path and title of a page.
type link struct{ path, name string }

// helpPages are the help pages that the footer of every page links to.
var helpPages = []link{{"/help/instagram", words.PageTheGuideToConnecting}, {"/help/states", words.StatesTitle}}

// Register adds the routes of all pages to mux, and a "not found" page for every other path.
func (s *Server) Register(mux *http.ServeMux) {
	for _, route := range []func(*http.ServeMux){
		s.routeAccess, s.routePosts, s.routePublications, s.routeFeeds, s.routeAccounts, s.routeInstallation,
		s.routeButtons,
	} {
		route(mux)
	}
	mux.HandleFunc("GET /assets/{name}", s.assets.serve)
	mux.Handle("/", s.forOwner(func(http.ResponseWriter, *http.Request) error { return store.ErrNotFound }))
}

// routeAccess adds setup, log-in and log-out.
func (s *Server) routeAccess(mux *http.ServeMux) {
	mux.Handle("GET /setup", s.forGuests(s.setupPage))
	mux.Handle("POST /setup", s.forGuests(s.setup))
	mux.Handle("GET /login", s.forGuests(s.loginPage))
	mux.Handle("POST /login", s.forGuests(s.login))
	mux.Handle("GET /login/{token}", s.forGuests(s.loginByLink))
	mux.Handle("POST /logout", s.forOwner(s.logout))

	mux.Handle("POST /theme", s.forGuests(s.chooseTheme))
}

// routePosts adds the home page, the lists of posts, and the history.
func (s *Server) routePosts(mux *http.ServeMux) {
	mux.Handle("GET /{$}", s.forReading(s.homePage))
	mux.Handle("GET /events", s.forGuests(s.eventStream))
	if s.open {
		mux.Handle("GET /styleguide", s.forOwner(s.styleguide))
	}
	mux.Handle("GET /posts", s.forReading(s.postsPage))
	mux.Handle("POST /posts/back", s.forOwner(s.putBack))
	mux.Handle("GET /posts/{id}", s.forReading(s.postPage))
	mux.Handle("GET /schedule", s.forReading(s.schedulePage))
	mux.Handle("GET /activity", s.forReading(s.activityPage))
	mux.Handle("GET /pictures/{key}", s.forOwner(s.pictures.serve))
}

// routePublications adds the page of a publication and its orders.
func (s *Server) routePublications(mux *http.ServeMux) {
	mux.Handle("GET /publications/{id}", s.forReading(s.publicationPage))
	mux.Handle("POST /publications/{id}/publish", s.forOwner(s.command(store.CommandPublish)))
	mux.Handle("POST /publications/{id}/approve", s.forOwner(s.command(store.CommandApprove)))
	mux.Handle("POST /publications/{id}/hold", s.forOwner(s.command(store.CommandHold)))
	mux.Handle("POST /publications/{id}/skip", s.forOwner(s.command(store.CommandSkip)))
	mux.Handle("POST /publications/{id}/retry", s.forOwner(s.command(store.CommandRetry)))
	mux.Handle("POST /publications/{id}/confirm", s.forOwner(s.command(store.CommandConfirm)))
	mux.Handle("POST /publications/{id}/check", s.forOwner(s.checkAgain))
	mux.Handle("POST /publications/{id}/caption", s.forOwner(s.saveEdits))
	mux.Handle("POST /publications/{id}/media", s.forOwner(s.saveEdits))
}

// routeFeeds adds the pages of feeds and their orders.
func (s *Server) routeFeeds(mux *http.ServeMux) {
	mux.Handle("GET /feeds", s.forReading(s.feedsPage))
	mux.Handle("POST /feeds", s.forOwner(s.addFeed))
	mux.Handle("GET /feeds/new", s.forReading(s.newFeedPage))
	mux.Handle("GET /feeds/preview", s.forOwner(s.newFeedPage)) // for a reload of the preview
	mux.Handle("POST /feeds/preview", s.forOwner(s.previewFeed))
	mux.Handle("POST /feeds/{id}/poll", s.forOwner(s.pollFeed))
	mux.Handle("POST /feeds/{id}/check", s.forOwner(s.checkFeed))
	mux.Handle("POST /feeds/{id}/pause", s.forOwner(s.pauseFeed(true)))
	mux.Handle("POST /feeds/{id}/resume", s.forOwner(s.pauseFeed(false)))
	mux.Handle("GET /feeds/{id}/remove", s.forReading(s.removeFeedPage))
	mux.Handle("POST /feeds/{id}/remove", s.forOwner(s.removeFeed))
}

// routeAccounts adds the accounts, their settings and their webhooks.
func (s *Server) routeAccounts(mux *http.ServeMux) {
	mux.Handle("GET /accounts", s.forReading(s.accountsPage))
	mux.Handle("POST /accounts", s.forOwner(s.addAccount))
	mux.Handle("POST /accounts/sandbox", s.forOwner(s.addSandbox))
	mux.Handle("POST /accounts/connect", s.forOwner(s.startLogIn))
	mux.Handle("POST /accounts/connect/forget", s.forOwner(s.forgetApp))
	mux.Handle("GET /accounts/connect/callback", s.forOwner(s.endLogIn))
	mux.Handle("POST /accounts/{id}/check", s.forOwner(s.checkAccount))
	mux.Handle("POST /accounts/{id}/pause", s.forOwner(s.pauseAccount(true)))
	mux.Handle("POST /accounts/{id}/resume", s.forOwner(s.pauseAccount(false)))
	mux.Handle("POST /accounts/{id}/start", s.forOwner(s.answerStart))
	mux.Handle("POST /accounts/{id}/approve", s.forOwner(s.approveByHand))
	mux.Handle("POST /accounts/{id}/reconnect", s.forOwner(s.reconnect))
	mux.Handle("GET /accounts/{id}/settings", s.forReading(s.settingsPage))
	mux.Handle("POST /accounts/{id}/settings", s.forOwner(s.saveSettings))
	mux.Handle("POST /accounts/{id}/settings/preview", s.forOwner(s.previewSettings))
	mux.Handle("GET /accounts/{id}/webhook", s.forReading(s.webhookPage))
	mux.Handle("POST /accounts/{id}/webhook", s.forOwner(s.setWebhook))
	mux.Handle("POST /accounts/{id}/webhook/test", s.forOwner(s.testWebhook))
	mux.Handle("POST /accounts/{id}/webhook/secret", s.forOwner(s.showWebhookSecret))
	mux.Handle("POST /accounts/{id}/webhook/remove", s.forOwner(s.removeWebhook))
	mux.Handle("GET /accounts/{id}/remove", s.forReading(s.removeAccountPage))
	mux.Handle("POST /accounts/{id}/remove", s.forOwner(s.removeAccount))
}

// routeInstallation adds notifications, help and the settings of the installation.
func (s *Server) routeInstallation(mux *http.ServeMux) {
	mux.Handle("GET /notices", s.forReading(s.noticesPage))
	mux.Handle("POST /notices/addresses", s.forOwner(s.addAddress))
	mux.Handle("POST /notices/addresses/{id}/test", s.forOwner(s.testAddress))
	mux.Handle("POST /notices/addresses/{id}/remove", s.forOwner(s.removeAddress))
	mux.Handle("GET /help/states", s.forReading(s.statesPage))
	mux.Handle("GET /help/instagram", s.forReading(s.guidePage))
	mux.Handle("GET /help/pictures/{name}", s.forOwner(s.guidePicture))
	mux.Handle("GET /sandbox/", s.forOwner(s.sandboxPages))
	mux.Handle("GET /settings", s.forReading(s.installationPage))
	mux.Handle("POST /settings/address", s.forOwner(s.checkAddress))
	mux.Handle("POST /settings/password", s.forOwner(s.changePassword))
	mux.Handle("POST /settings/sessions", s.forOwner(s.endSession))
	mux.Handle("POST /settings/tokens", s.forOwner(s.addToken))
	mux.Handle("POST /settings/tokens/{id}/remove", s.forOwner(s.removeToken))
}

// routeButtons redirects a GET of a form's action, as after a reload of an error page, to the page with that form.
func (s *Server) routeButtons(mux *http.ServeMux) {
	lead := func(pattern string, page func(id, feed int64) string) {
		mux.Handle("GET "+pattern, s.forReading(func(w http.ResponseWriter, r *http.Request) error {
			id, err := pathID(r)
			if err != nil && strings.Contains(pattern, "{id}") {
				return err
			}
			http.Redirect(w, r, page(id, numberIn(r.URL.Query(), "feed")), http.StatusSeeOther)
			return nil
		}))
	}
	to := func(page string) func(id, feed int64) string { return func(int64, int64) string { return page } }
	lead("/publications/{id}/{button}", func(id, _ int64) string { return publicationLink(id) })
	lead("/feeds/{id}/{button}", func(id, _ int64) string { return feedLink(id) })
	lead("/accounts/{id}/{button}", func(id, _ int64) string { return accountLink(id) })
	lead("/accounts/{id}/settings/{button}", settingsLink)
	lead("/accounts/{id}/webhook/{button}", func(id, feed int64) string { return webhookLink(id, feed, "") })
	lead("/accounts/sandbox", to("/accounts"))
	lead("/accounts/connect", to("/accounts"))
	lead("/accounts/connect/forget", to("/accounts"))
	lead("/notices/addresses", to("/notices"))
	lead("/notices/addresses/{id}/{button}", to("/notices"))
	lead("/settings/{button}", to("/settings"))
	lead("/settings/tokens/{id}/{button}", to("/settings"))
	lead("/posts/back", to("/posts?state=skipped"))
	lead("/theme", to("/"))
	lead("/logout", to("/"))
}
