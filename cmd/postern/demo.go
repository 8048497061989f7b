package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"postern/accounts"
	"postern/config"
	"postern/daemon"
	"postern/instagram/simulator"
	"postern/redact"
	"postern/store"
	"postern/words"
)

const (
	demoSeed = 8484
	demoUser = "ridgelines"
	// demoOtherUser is the account that the button “Connect with Instagram” connects.
	demoOtherUser = "second.light"
	demoAppID     = "990602627938098"
	demoSettle    = 3 * time.Second
	demoSchedule  = "@every 3s"
	// Containers take a while at Instagram. These delays are just long enough to be seen.
	demoImageDelay = time.Second
	demoVideoDelay = 3 * time.Second
)

type demoCmd struct {
	Feed string `help:"help_demo_feed" placeholder:"URL"`
	Seed int64  `help:"help_demo_seed" default:"${demo_seed}"`
}

// Run starts the whole program with a simulated Instagram. Everything else is real. It returns when in.ctx ends.
func (c *demoCmd) Run(in *invocation) (err error) {
	cfg, err := in.loadConfig()
	if err != nil {
		return err
	}
	log := in.logger(cfg, true)
	if cfg.DataDir, err = os.MkdirTemp("", "postern-demo-"); err != nil {
		return fmt.Errorf("making a temporary data directory: %w", err)
	}
	in.litter.Store(cfg.DataDir)
	defer func() { err = errors.Join(err, os.RemoveAll(cfg.DataDir)) }()

	l, err := demoListener(in.ctx, cfg.Web.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	cfg.Web.BaseURL = "http://" + l.Addr().String()
	cfg.Media.S3 = config.S3{} // the demo must not write to the owner's bucket
	cfg.Network.Allow = append(cfg.Network.Allow, netip.MustParsePrefix("127.0.0.0/8"))
	cfg.Publish.Settle = demoSettle
	cfg.Feeds.Schedule = demoSchedule

	sim := simulator.New(simulator.Options{
		Seed: c.Seed, Fetch: &http.Client{Timeout: time.Minute}, ImageDelay: demoImageDelay, VideoDelay: demoVideoDelay,
	})
	// Two faults happen with every seed: an answer that is lost after the post went live, and "not ready yet".
	sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish", Caption: lostCaption})
	sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Caption: notReadyCaption,
		Reply: simulator.NotReady})
	if c.Feed != "" {
		sim.ClearFaults()
		sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "publish"})
		sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "publish", Reply: simulator.NotReady})
	}
	profile, stopSim, err := loopback(in.ctx, sim)
	if err != nil {
		return err
	}
	defer stopSim()
	sim.SetPublicURL(profile)
	cfg.Instagram.APIURL = profile

	feedURL, start := c.Feed, "last:5"
	if feedURL == "" {
		blog, stopBlog, err := sampleServer(in.ctx)
		if err != nil {
			return err
		}
		defer stopBlog()
		feedURL, start = blog+"/feed.xml", "all"
	}

	app, err := newProgram(in.ctx, cfg, log, "demo")
	if err != nil {
		return err
	}
	defer app.Close()
	at := listeners{pages: l, profile: profile + "/" + demoUser + "/"}
	user := sim.AddAccount(simulator.Account{Username: demoUser, Name: words.SampleTitle})
	// The button “Connect with Instagram” needs a second account to connect, and a saved app.
	sim.AddAccount(simulator.Account{Username: demoOtherUser, Name: "Second light"})
	if err := app.accounts.SetApp(in.ctx, accounts.App{ID: demoAppID, Secret: "demonstration"}); err != nil {
		return err
	}
	if _, err := app.accounts.Add(in.ctx,
		accounts.Candidate{API: store.Instagram, Label: "Demo", Token: redact.Secret(user.Token)}); err != nil {
		return err
	}
	if _, _, err := app.poller.Add(in.ctx, feedURL, "", start); err != nil {
		return err
	}
	return app.Run(in.ctx, at, func(string) {
		v := struct {
			Pages   string `json:"pages"`
			Profile string `json:"profile"`
			Feed    string `json:"feed"`
			Seed    int64  `json:"seed"`
		}{cfg.Web.BaseURL + "/", at.profile, feedURL, sim.Seed()}
		_ = in.print(v, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "\n%s\n\n", words.DemoStarted(v.Pages, v.Profile, printable(v.Feed), v.Seed))
			return err
		})
	})
}

// demoListener listens on the configured port, or on a free one if that is taken. It listens on the loopback address
// only, because the pages of the demo need no password.
func demoListener(ctx context.Context, address string) (net.Listener, error) {
	if _, port, err := net.SplitHostPort(address); err == nil {
		if l, err := daemon.Listen(ctx, "web.listen", net.JoinHostPort("127.0.0.1", port)); err == nil {
			return l, nil
		}
	}
	return daemon.Listen(ctx, "web.listen", "127.0.0.1:0")
}

// loopback serves h on a free port of this machine. It returns the base URL, and stop, which closes the server and
// waits for it.
func loopback(ctx context.Context, h http.Handler) (address string, stop func(), err error) {
	l, err := daemon.Listen(ctx, "web.listen", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return "http://" + l.Addr().String(), serveUntil(l, h), nil
}

// sampleServer does the same as loopback for the sample blog, which must know its own address.
func sampleServer(ctx context.Context) (address string, stop func(), err error) {
	l, err := daemon.Listen(ctx, "web.listen", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = "http://" + l.Addr().String()
	return address, serveUntil(l, newSampleBlog(address).Handler()), nil
}

// serveUntil serves h on l until stop is called. stop waits until the server has ended.
func serveUntil(l net.Listener, h http.Handler) (stop func()) {
	base, end := context.WithCancel(context.Background())
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return base }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // returns after Close
	}()
	return func() {
		end()
		_ = s.Close()
		<-done
	}
}
