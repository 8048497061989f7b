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

// finishRunning lets the running work finish.
func (s *theStage) finishRunning() {
	time.Sleep(5 * time.Second) // less than the limit of a download
	synctest.Wait()
}

// checkIDs returns the ids of the checks that a page would show for a publication, and its draft.
func (s *theStage) checkIDs(id int64) (ids string, d draft.Draft) {
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
	// The time is in the future, so that recently prepared or published files do not count.
	needed, err := s.store.NeededAssets(s.t.Context(), time.Now().Add(24*time.Hour))
	require.NoError(s.t, err)
	return needed
}

// TestPreviewedFilesArePublished checks that the bytes that a person approved are published, even if the site has
// replaced the file since.
func TestPreviewedFilesArePublished(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "a.png")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		ids, d := s.checkIDs(pub.ID)
		require.Equal(t, "repaired media.image.format, repaired media.image.transparency", ids)
		seen := d.Items[0].Asset
		require.FileExists(t, s.dir+"/media/"+seen)
		require.True(t, s.needed()[seen])
		require.Equal(t, 1, s.site.asked["/a.png"], "one fetch is enough")

		s.site.paint = 99
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		pub = s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, seen, pub.Items[0].Asset)
		require.Equal(t, s.public+"/media/"+seen, pub.Items[0].SentURL)
		require.Equal(t, 1, s.site.asked["/a.png"])
	})
}

// TestAnimationIsPreviewedAsAReel checks that the preview shows an animation as the reel that it will become.
func TestAnimationIsPreviewedAsAReel(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.withFFmpeg()
		s.set("approve", "on")
		pub := s.entry("Moves.", "a.gif")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		for range 60 { // ffmpeg runs in real time, outside the bubble
			s.finishRunning()
		}
		_, d := s.checkIDs(pub.ID)
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

// TestChangesStartAnotherPreflight checks that a changed picture or changed settings of the account start another
// preflight, and that files without a use may be deleted.
func TestChangesStartAnotherPreflight(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "a.png")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		_, d := s.checkIDs(pub.ID)
		first := d.Items[0].Asset

		s.posts[0].Media[0].URL = "https://blog.example.org/b.png"
		s.poll()
		s.finishRunning()
		_, d = s.checkIDs(pub.ID)
		second := d.Items[0].Asset
		require.NotEmpty(t, second)
		require.NotEqual(t, first, second)
		require.Equal(t, map[string]bool{second: true}, s.needed())

		s.set("channel", "story")
		s.finishRunning()
		ids, d := s.checkIDs(pub.ID)
		require.Contains(t, ids, "repaired media.image.ratio")
		require.Equal(t, map[string]bool{d.Items[0].Asset: true}, s.needed())
	})
}

// TestPreflightReportsProblems checks that preflights report problems early: a publication fails if its problem is
// permanent, and stays unchanged otherwise.
func TestPreflightReportsProblems(t *testing.T) {
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
		ids, _ := s.checkIDs(long.ID)
		require.Equal(t, "blocks media.video.too-long, note alt.not-taken", ids)

		waits := s.get(gone.ID)
		require.Equal(t, store.Queued, waits.State)
		require.Zero(t, waits.Tries)
		require.Contains(t, waits.Reason.String(), "younger than")
		ids, _ = s.checkIDs(gone.ID)
		require.Equal(t, "blocks media.url.not-found", ids)
		ids, _ = s.checkIDs(fine.ID)
		require.Equal(t, "repaired media.image.ratio", ids, "one of the two has another ratio")

		delete(s.site.gone, "/gone.jpg")
		s.pub.idle = time.Minute
		s.pub.wake()
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		ids, _ = s.checkIDs(gone.ID)
		require.Empty(t, ids)
		require.Zero(t, s.get(gone.ID).Tries)
		require.Empty(t, s.live())
	})
}

// TestFetchedForAnotherPublication checks that a picture which another publication has fetched no longer counts as
// missing, whether its publication is on hold or waits for a retry.
func TestFetchedForAnotherPublication(t *testing.T) {
	for name, approve := range map[string]string{"held": "on", "queued": ""} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.addSandbox()
				s.set("approve", approve)
				real, play := s.entryForBoth("Fog.", "gone.jpg")
				play = s.do(play.ID, store.Order{Command: store.CommandHold})
				s.site.gone["/gone.jpg"] = true
				s.start()
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				ids, _ := s.checkIDs(real.ID)
				require.Equal(t, "blocks media.url.not-found", ids)
				require.Empty(t, s.live())

				delete(s.site.gone, "/gone.jpg")
				s.do(play.ID, store.Order{Command: store.CommandPublish})
				s.reach(play.ID, store.Published, time.Minute)
				time.Sleep(preflightPause)
				s.finishRunning()
				ids, _ = s.checkIDs(real.ID)
				require.NotContains(t, ids, "not-found")
				if approve == "" {
					s.reach(real.ID, store.Published, time.Minute)
				}
			})
		})
	}
}

func TestPreflightWithoutPublicURL(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.public = ""
		s.set("min_age", "100h")
		png, jpg := s.entry("Fog.", "a.png"), s.entry("Sun.", "a.jpg")
		ids, _ := s.checkIDs(png.ID)
		require.Equal(t, "blocks media.url.none", ids, "known before any preflight")
		s.start()
		s.finishRunning()
		l, err := s.store.Listed(t.Context(), png.ID)
		require.NoError(t, err)
		require.Equal(t, store.Queued, l.State)
		require.Contains(t, l.Preflight.Checks[0].Text, "converted from PNG")
		require.Equal(t, "Set web.base_url so that Instagram can fetch the result, then restart Postern.",
			l.Preflight.Checks[0].Remedy)
		ids, _ = s.checkIDs(jpg.ID)
		require.Empty(t, ids)

		s.stopPublisher()
		s.public = "https://postern.example.org"
		s.start()
		s.finishRunning()
		ids, _ = s.checkIDs(png.ID)
		require.Equal(t, "repaired media.image.format, repaired media.image.transparency", ids)
	})
}

// TestPreflightWithLostFilesIsRepeated checks that lost files, for instance after restoring a backup, are made again.
func TestPreflightWithLostFilesIsRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.finishRunning()
		_, d := s.checkIDs(pub.ID)
		require.NoError(t, s.library.Remove(d.Items[0].Asset))
		s.start()
		s.finishRunning()
		require.Equal(t, 2, s.site.asked["/a.jpg"])
		require.FileExists(t, s.dir+"/media/"+d.Items[0].Asset)

		require.NoError(t, s.library.Remove(d.Items[0].Asset)) // while the program is running
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 3, s.site.asked["/a.jpg"])
	})
}

// TestDueWorkCancelsThePreflight checks that due work cancels a running preflight, which is repeated afterwards.
func TestDueWorkCancelsThePreflight(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		held := s.entry("Fog.", "slow.jpg")
		s.start()
		s.reach(held.ID, store.Held, time.Minute)
		s.finishRunning()
		require.Equal(t, 1, s.site.asked["/slow.jpg"], "a preflight is running")

		due := s.entry("Sun.", "a.jpg")
		s.do(due.ID, store.Order{Command: store.CommandPublish})
		s.reach(due.ID, store.Published, 5*time.Minute)
		close(s.site.slow)
		s.pub.idle = time.Minute
		s.pub.wake()
		s.finishRunning()
		require.Greater(t, s.site.asked["/slow.jpg"], 1)
		_, d := s.checkIDs(held.ID)
		require.NotEmpty(t, d.Items[0].Asset)
		require.Equal(t, store.Held, s.get(held.ID).State)
	})
}

// TestStepWaitsForItsOwnPreflight checks that files are not fetched twice if a publication becomes due during its
// preflight.
func TestStepWaitsForItsOwnPreflight(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("Fog.", "slow.jpg")
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		s.finishRunning()
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.finishRunning()
		close(s.site.slow)
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 1, s.site.asked["/slow.jpg"])
	})
}

// TestPreflightsLeaveRoom checks that preflights leave half of the media folder for due work, and that a retry starts
// another preflight.
func TestPreflightsLeaveRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		var err error
		s.library, err = media.NewLibrary(t.TempDir(), &http.Client{Transport: s.site}, media.Limits{MaxTotal: 80_000})
		require.NoError(t, err)
		first := s.entry("One.", "a.jpg")
		s.start()
		s.finishRunning()
		used, err := s.library.Used()
		require.NoError(t, err)
		require.Less(t, used, int64(40_000), "the test needs several preflights")
		for _, name := range []string{"b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg", "h.jpg", "i.jpg", "j.jpg"} {
			s.entry(name, name)
		}
		s.finishRunning()
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

// TestFullFolderPublishesPreparedFiles checks that prepared publications go out although the folder is full. Otherwise
// nothing would ever free space.
func TestFullFolderPublishesPreparedFiles(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		dir := t.TempDir()
		var err error
		s.library, err = media.NewLibrary(dir, &http.Client{Transport: s.site}, media.Limits{})
		require.NoError(t, err)
		s.behindFirewall(false)
		pub := s.entry("One.", "a.jpg")
		s.start()
		s.finishRunning()
		s.stopPublisher()
		s.library, err = media.NewLibrary(dir, &http.Client{Transport: s.site}, media.Limits{MaxTotal: 1})
		require.NoError(t, err)
		s.behindFirewall(false)
		s.start()
		s.do(pub.ID, store.Order{Command: store.CommandPublish})
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, 1, s.site.asked["/a.jpg"])
	})
}

// TestFilesOfAPreflightAreRenewed checks that a file which was unused for a long time and is needed again survives a
// prune that runs meanwhile.
func TestFilesOfAPreflightAreRenewed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		pub := s.entry("One.", "a.jpg")
		s.start()
		s.finishRunning()
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

// TestFirstVideoGivesTheRatio checks that a video in first position sets the ratio of a carousel, as far as pictures
// can take it.
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
	require.Equal(t, 1.0, r.Ratio, "only the first item counts")
}

// TestSlowPreflightIsGivenUp has pictures that arrive so slowly that no preflight completes. Postern stops
// trying after some preflights.
func TestSlowPreflightIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("approve", "on")
		s.set("split", "on")
		var slow []string
		for i := range 10 {
			slow = append(slow, fmt.Sprintf("tardy%d.png", i))
		}
		pub := s.entry("Fog.", slow...)
		s.preflightTime = 3 * time.Minute
		s.start()
		s.reach(pub.ID, store.Held, time.Minute)
		time.Sleep(48 * time.Hour)
		require.LessOrEqual(t, s.site.asked["/tardy0.png"], maxPreflights, "%v", s.site.asked)
		require.Zero(t, s.site.asked["/tardy9.png"])
	})
}

// TestChangeOfSettingsDuringAStep changes a setting, or pauses the account, while a step that has already
// read them is running.
func TestChangeOfSettingsDuringAStep(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		pub := s.entry("Fog.", "slow.jpg")
		s.start()
		s.finishRunning()
		s.set("approve", "on")
		close(s.site.slow)
		pub = s.reach(pub.ID, store.Held, 10*time.Minute)
		require.Equal(t, "waiting for your approval", pub.Reason.String())
		require.Empty(t, s.live())
	})
}

// asked is a context that reports when the database uses it for a query.
type asked struct {
	context.Context
	now func()
}

func (a asked) Done() <-chan struct{} {
	a.now()
	return a.Context.Done()
}

// TestPreflightDoesNotStartDuringAStep checks that no preflight starts while a step prepares media, or when a step
// starts to prepare media while the preflight is being selected. A preflight would take processor time and memory
// from the step.
func TestPreflightDoesNotStartDuringAStep(t *testing.T) {
	for name, before := range map[string]bool{"step before the query": true, "step during the query": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("approve", "yes")
				s.entry("Fog.", "a.jpg")
				p := New(Options{Store: s.store, Accounts: s.acc, Media: s.library, Public: s.outside(),
					Settle: s.settle, Logger: discard})
				var wg sync.WaitGroup
				var questions atomic.Int64 // the database driver runs queries in goroutines of its own
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
				require.Equal(t, before, questions.Load() == 0, "a running step needs no query")
				wg.Wait()
				require.Zero(t, s.site.asked["/a.jpg"])
				require.Nil(t, p.preflight)

				end()
				p.preflightNext(t.Context(), &wg)
				wg.Wait()
				require.Equal(t, 1, s.site.asked["/a.jpg"], "the preflight runs after the step")
			})
		})
	}
}

// TestBlockedPictureWaits checks that a picture excluded by network.allow does not end the publication, because
// the owner may allow it. A due publication waits, uses no try, and is published after a start with another
// configuration.
func TestBlockedPictureWaits(t *testing.T) {
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
		require.Len(t, troubled, 1, "the owner is notified")
		require.Equal(t, store.Queued, s.get(later.ID).State)
		ids, _ := s.checkIDs(later.ID)
		require.Contains(t, ids, "media.url.blocked")

		s.site.mu.Lock()
		s.site.apart = false
		s.site.mu.Unlock()
		require.NoError(t, s.store.WakeConfigured(t.Context()))
		s.reach(due.ID, store.Published, time.Minute)
		time.Sleep(2 * time.Hour)
		ids, _ = s.checkIDs(later.ID)
		require.NotContains(t, ids, "media.url.blocked", "a later preflight succeeds")
		s.reach(later.ID, store.Published, 48*time.Hour)
	})
}
