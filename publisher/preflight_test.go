package publisher

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/draft"
	"postern/media"
	"postern/store"
)

// settled lets what is in hand come to its end.
func (s *theStage) settled() {
	time.Sleep(5 * time.Second) // less than the time that a download may take
	synctest.Wait()
}

// found are the ids of what a page would show of a publication, with its items.
func (s *theStage) found(id int64) (ids string, d draft.Draft) {
	s.t.Helper()
	l, err := s.store.Listed(s.t.Context(), id)
	require.NoError(s.t, err)
	d, err = draft.Of(l, store.Route{})
	var all []string
	for _, c := range draft.Checks(d, err, l.Preflight, s.public) {
		all = append(all, string(c.Severity)+" "+c.ID)
	}
	return strings.Join(all, ", "), d
}

func (s *theStage) needed() map[string]bool {
	s.t.Helper()
	// of those prepared or published lately: none
	needed, err := s.store.NeededAssets(s.t.Context(), time.Now().Add(24*time.Hour))
	require.NoError(s.t, err)
	return needed
}

// What a person saw before saying yes is what goes out, whatever the site has under that address by then.
func TestWhatWasSeenGoesOut(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "a.png")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.settled()
		ids, d := s.found(pub.ID)
		require.Equal(t, "repaired media.image.format, repaired media.image.transparency", ids)
		seen := d.Items[0].Asset
		require.FileExists(t, s.dir+"/media/"+seen)
		require.True(t, s.needed()[seen])
		require.Equal(t, 1, s.site.asked["/a.png"], "one look is enough")

		s.site.paint = 99
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, seen, pub.Items[0].Asset)
		require.Equal(t, s.public+"/media/"+seen, pub.Items[0].SentURL)
		require.Equal(t, 1, s.site.asked["/a.png"])
	})
}

// An animation is shown as the reel that it will be.
func TestAnAnimationIsSeenAsAReel(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.withFFmpeg()
		s.set("approve", "on")
		pub := s.entry("Moves.", "a.gif")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		for range 60 { // ffmpeg takes its time, which is not this bubble's
			s.settled()
		}
		_, d := s.found(pub.ID)
		require.Equal(t, store.KindReel, d.Kind)
		require.NotEmpty(t, d.Items[0].CoverAsset)
		require.True(t, s.needed()[d.Items[0].CoverAsset])
		asked := s.site.asked["/a.gif"]
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, store.KindReel, pub.Kind)
		require.Equal(t, d.Items[0].Asset, pub.Items[0].Asset)
		require.Equal(t, asked, s.site.asked["/a.gif"])
	})
}

// An entry whose picture changes, or an account whose settings do, is looked at again; what is not needed any
// more may go.
func TestChangesAreLookedAtAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "a.png")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.settled()
		_, d := s.found(pub.ID)
		first := d.Items[0].Asset

		s.posts[0].Media[0].URL = "https://blog.example.org/b.png"
		s.poll()
		s.settled()
		_, d = s.found(pub.ID)
		second := d.Items[0].Asset
		require.NotEmpty(t, second)
		require.NotEqual(t, first, second)
		require.Equal(t, map[string]bool{second: true}, s.needed())

		s.set("channel", "story")
		s.settled()
		ids, d := s.found(pub.ID)
		require.Contains(t, ids, "repaired media.image.ratio")
		require.Equal(t, map[string]bool{d.Items[0].Asset: true}, s.needed())
	})
}

// What waits is told early what is wrong: what nothing can mend ends it, all else leaves it as it is.
func TestLooksAheadOfItsTurn(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("min_age", "100h")
		long, gone, fine := s.entry("Waves.", "long.mp4"), s.entry("Fog.", "gone.jpg"),
			s.entry("Sun.", "a.jpg", "b-wide.jpg")
		s.site.gone["/gone.jpg"] = true
		s.start()
		failed := s.reach(long.ID, store.Failed, time.Hour)
		require.Contains(t, failed.Reason.String(), "make it shorter")
		require.Contains(t, failed.Reason.String(), "(media.video.too-long)")
		require.Zero(t, failed.Tries)
		ids, _ := s.found(long.ID)
		require.Equal(t, "blocks media.video.too-long, note alt.not-taken", ids)

		waits := s.get(gone.ID)
		require.Equal(t, store.Queued, waits.State)
		require.Zero(t, waits.Tries)
		require.Contains(t, waits.Reason.String(), "younger than")
		ids, _ = s.found(gone.ID)
		require.Equal(t, "blocks media.url.not-found", ids)
		ids, _ = s.found(fine.ID)
		require.Equal(t, "repaired media.image.ratio", ids, "one of the two has another ratio")

		delete(s.site.gone, "/gone.jpg")
		s.pub.idle = time.Minute
		s.pub.wake()
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		ids, _ = s.found(gone.ID)
		require.Empty(t, ids)
		require.Zero(t, s.get(gone.ID).Tries)
		require.Empty(t, s.live())
	})
}

// A picture that another publication fetched is no longer said to be missing, whether that waits for its owner or to be
// tried again.
func TestFetchedForAnotherPublication(t *testing.T) {
	for name, approve := range map[string]string{"held": "on", "queued": ""} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.sandboxed()
				s.set("approve", approve)
				real, play := s.both("Fog.", "gone.jpg")
				play = s.do(play.ID, store.Order{Command: store.CommandHold})
				s.site.gone["/gone.jpg"] = true
				s.start()
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				ids, _ := s.found(real.ID)
				require.Equal(t, "blocks media.url.not-found", ids)
				require.Empty(t, s.live())

				delete(s.site.gone, "/gone.jpg")
				s.do(play.ID, store.Order{Command: store.CommandPublish})
				s.reach(play.ID, store.Published, time.Minute)
				time.Sleep(preflightPause)
				s.settled()
				ids, _ = s.found(real.ID)
				require.NotContains(t, ids, "not-found")
				if approve == "" {
					s.reach(real.ID, store.Published, time.Minute)
				}
			})
		})
	}
}

func TestLookWithoutPublicAddress(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		s.set("min_age", "100h")
		png, jpg := s.entry("Fog.", "a.png"), s.entry("Sun.", "a.jpg")
		ids, _ := s.found(png.ID)
		require.Equal(t, "blocks media.url.none", ids, "by its name, before any look")
		s.start()
		s.settled()
		l, err := s.store.Listed(t.Context(), png.ID)
		require.NoError(t, err)
		require.Equal(t, store.Queued, l.State)
		require.Contains(t, l.Preflight.Checks[0].Text, "converted from PNG")
		require.Equal(t, "Set web.base_url so that Instagram can fetch the result, then restart Postern.", l.Preflight.Checks[0].Remedy)
		ids, _ = s.found(jpg.ID)
		require.Empty(t, ids)

		s.halt()
		s.public = "https://postern.example.org"
		s.start()
		s.settled()
		ids, _ = s.found(png.ID)
		require.Equal(t, "repaired media.image.format, repaired media.image.transparency", ids)
	})
}

// Files that are gone, as after a restored backup, are made again.
func TestLooksWithoutFilesAreForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.settled()
		_, d := s.found(pub.ID)
		require.NoError(t, s.library.Remove(d.Items[0].Asset))
		s.start()
		s.settled()
		require.Equal(t, 2, s.site.asked["/a.jpg"])
		require.FileExists(t, s.dir+"/media/"+d.Items[0].Asset)

		require.NoError(t, s.library.Remove(d.Items[0].Asset)) // while it runs
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 3, s.site.asked["/a.jpg"])
	})
}

// A preflight waits for nobody's place: due work breaks it off, and it is taken up again afterwards.
func TestLookGivesWay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		held := s.entry("Fog.", "slow.jpg")
		s.start()
		s.reach(held.ID, store.Held, time.Minute)
		s.settled()
		require.Equal(t, 1, s.site.asked["/slow.jpg"], "a look is in hand")

		due := s.entry("Sun.", "a.jpg")
		s.do(due.ID, store.Order{Command: store.CommandPublish})
		s.reach(due.ID, store.Published, 5*time.Minute)
		close(s.site.slow)
		s.pub.idle = time.Minute
		s.pub.wake()
		s.settled()
		require.Greater(t, s.site.asked["/slow.jpg"], 1)
		_, d := s.found(held.ID)
		require.NotEmpty(t, d.Items[0].Asset)
		require.Equal(t, store.Held, s.get(held.ID).State)
	})
}

// What is being looked at when its turn comes is not fetched a second time.
func TestTurnWaitsForItsOwnLook(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "slow.jpg")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.settled()
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.settled()
		close(s.site.slow)
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 1, s.site.asked["/slow.jpg"])
	})
}

// Looks ahead leave half of the media folder to what is due, and a retry looks anew.
func TestLooksLeaveRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		var err error
		s.library, err = media.NewLibrary(t.TempDir(), &http.Client{Transport: s.site}, media.Limits{MaxTotal: 80_000})
		require.NoError(t, err)
		first := s.entry("One.", "a.jpg")
		s.start()
		s.settled()
		used, err := s.library.Used()
		require.NoError(t, err)
		require.Less(t, used, int64(40_000), "the test wants several looks")
		for _, name := range []string{"b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg", "h.jpg", "i.jpg", "j.jpg"} {
			s.entry(name, name)
		}
		s.settled()
		used, err = s.library.Used()
		require.NoError(t, err)
		require.Less(t, used, int64(80_000))
		require.False(t, s.library.Roomy())
		require.Zero(t, s.site.asked["/a.jpg"]-1)
		before := s.list()
		waiting := before[len(before)-1]
		for _, l := range before {
			if l.ID != first.ID && !l.Preflight.Ready {
				waiting = l
			}
		}
		require.False(t, waiting.Preflight.Ready)
		s.do(waiting.ID, store.Order{Command: store.CommandPublish})
		s.reach(waiting.ID, store.Published, 10*time.Minute)
	})
}

// What is prepared needs no room: else nothing would ever make any.
func TestFullFolderLetsGoWhatIsPrepared(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		dir := t.TempDir()
		var err error
		s.library, err = media.NewLibrary(dir, &http.Client{Transport: s.site}, media.Limits{})
		require.NoError(t, err)
		s.walled(false)
		pub := s.entry("One.", "a.jpg")
		s.start()
		s.settled()
		s.halt()
		s.library, err = media.NewLibrary(dir, &http.Client{Transport: s.site}, media.Limits{MaxTotal: 1})
		require.NoError(t, err)
		s.walled(false)
		s.start()
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 1, s.site.asked["/a.jpg"])
	})
}

// A file that lay unused for long is used again: whoever prunes meanwhile must not go by its age.
func TestFilesOfALookAreRenewed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("One.", "a.jpg")
		s.start()
		s.settled()
		files, err := s.library.List()
		require.NoError(t, err)
		require.Len(t, files, 1)
		path, err := s.library.Path(files[0].Name)
		require.NoError(t, err)
		old := time.Now().Add(-30 * 24 * time.Hour)
		require.NoError(t, os.Chtimes(path, old, old))
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 1, s.site.asked["/a.jpg"])
		removed, _, err := s.library.Prune(func(string) bool { return false }, time.Now().Add(-24*time.Hour))
		require.NoError(t, err)
		require.Zero(t, removed)
	})
}

// A video in the first place gives a carousel its ratio, as far as pictures can follow.
func TestFirstVideoGivesTheRatio(t *testing.T) {
	t.Parallel()
	picture := media.File{ContentType: "image/jpeg", Width: 1000, Height: 1000}
	for _, c := range []struct {
		w, h  int
		ratio float64
	}{{1600, 1000, 1.6}, {1000, 1000, 1}, {540, 960, 0.8}, {4000, 1000, 1.91}, {0, 0, 1}} {
		again, r := draft.OneRatio(store.KindCarousel,
			[]media.File{{ContentType: "video/mp4", Width: c.w, Height: c.h}, picture}, draft.Resolve())
		require.InDelta(t, c.ratio, r.Ratio, 1e-9)
		require.Equal(t, c.ratio != 1, len(again) == 1)
	}
	_, r := draft.OneRatio(store.KindCarousel,
		[]media.File{picture, {ContentType: "video/mp4", Width: 540, Height: 960}}, draft.Resolve())
	require.Equal(t, 1.0, r.Ratio, "only the first one counts")
}

// The pictures of a post come so slowly that no look comes to its end: it is given up, and not begun again for ever.
func TestALookThatTakesTooLongIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		s.set("split", "on")
		var slow []string
		for i := range 10 {
			slow = append(slow, fmt.Sprintf("tardy%d.png", i))
		}
		pub := s.entry("Fog.", slow...)
		s.lookTime = 3 * time.Minute
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		time.Sleep(48 * time.Hour)
		require.LessOrEqual(t, s.site.asked["/tardy0.png"], maxPreflights, "%v", s.site.asked)
		require.Zero(t, s.site.asked["/tardy9.png"])
	})
}

// The owner changes a setting, or pauses the account, while a step is in hand that has read them as they were.
func TestAChangeOfSettingsOvertakesTheStepInHand(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "slow.jpg")
		s.start()
		s.settled()
		s.set("approve", "on")
		close(s.site.slow)
		pub = s.reach(pub.ID, store.Held, 10*time.Minute)
		require.Equal(t, "waiting for your approval", pub.Reason.String())
		require.Empty(t, s.live())
	})
}

// asked is a context that says when the database is asked with it.
type asked struct {
	context.Context
	now func()
}

func (a asked) Done() <-chan struct{} {
	a.now()
	return a.Context.Done()
}

// A look takes processor and memory from due work that prepares media: it does not begin while a step does, nor
// when one began to while the look was chosen.
func TestALookDoesNotBeginBesideAStep(t *testing.T) {
	for name, before := range map[string]bool{"the step is there": true, "the step comes meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("approve", "yes")
				s.entry("Fog.", "a.jpg")
				p := New(Options{Store: s.store, Accounts: s.acc, Media: s.library, Public: s.outside(),
					Settle: s.settle, Logger: discard})
				var wg sync.WaitGroup
				var questions atomic.Int64 // the database's driver asks from goroutines of its own
				end := func() {}
				step := func() { end = p.mediaTurn(t.Context(), 99) }
				if before {
					step()
				}
				p.preflightNext(asked{t.Context(), func() {
					if questions.Add(1) == 1 && !before {
						step()
					}
				}}, &wg)
				require.Equal(t, before, questions.Load() == 0, "what is there already needs no question")
				wg.Wait()
				require.Zero(t, s.site.asked["/a.jpg"])
				require.Nil(t, p.preflight)

				end()
				p.preflightNext(t.Context(), &wg)
				wg.Wait()
				require.Equal(t, 1, s.site.asked["/a.jpg"], "its time has come")
			})
		})
	}
}

// A picture that network.allow keeps away ends nothing: the owner may allow it. What is due waits, costs no try and
// goes out at the next start with another configuration.
func TestWhatMayNotBeReachedWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.site.apart = true
		due, later := s.entry("Fog.", "a.jpg"), s.dated(36*time.Hour, "b.jpg")
		s.start()
		time.Sleep(time.Hour)
		waits := s.get(due.ID)
		require.Equal(t, store.Queued, waits.State)
		require.Zero(t, waits.Tries)
		require.Contains(t, waits.Reason.String(), "media.url.blocked")
		require.WithinDuration(t, time.Now(), waits.DueAt, sourceWait)
		troubled, err := s.store.Troubled(t.Context())
		require.NoError(t, err)
		require.Len(t, troubled, 1, "a notice says so")
		require.Equal(t, store.Queued, s.get(later.ID).State)
		ids, _ := s.found(later.ID)
		require.Contains(t, ids, "media.url.blocked")

		s.site.mu.Lock()
		s.site.apart = false
		s.site.mu.Unlock()
		require.NoError(t, s.store.WakeConfigured(t.Context()))
		s.reach(due.ID, store.Published, time.Minute)
		time.Sleep(2 * time.Hour)
		ids, _ = s.found(later.ID)
		require.NotContains(t, ids, "media.url.blocked", "a later look finds it")
		s.reach(later.ID, store.Published, 48*time.Hour)
	})
}
