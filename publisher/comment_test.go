package publisher

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram/simulator"
	"postern/reason"
	"postern/redact"
	"postern/store"
)

func (s *theStage) comments() (texts []string) {
	for _, c := range s.live()[0].Comments {
		texts = append(texts, c.Text)
	}
	return texts
}

// TestFirstComment checks that the comment exists exactly once in the end, or that the history says why it does not,
// whichever calls fail. The post stays published.
func TestFirstComment(t *testing.T) {
	for name, tc := range map[string]struct {
		faults []simulator.Fault
		want   int
		note   string
		asked  int // number of calls that wrote or tried to
	}{
		"no fault": {nil, 1, "the first comment was written", 1},
		"answer lost": {[]simulator.Fault{{Kind: simulator.Lost, Op: "comment"}}, 1,
			"the first comment is there", 1},
		"error though written": {[]simulator.Fault{{Kind: simulator.LiveError, Op: "comment"}}, 1,
			"the first comment is there", 1},
		"dropped": {[]simulator.Fault{{Kind: simulator.Drop, Op: "comment"}}, 1,
			"the first comment was written", 2},
		// The client gives up before the call takes effect.
		"slow to take effect": {[]simulator.Fault{{Kind: simulator.Slow, Op: "comment", After: 5 * time.Minute}}, 1,
			"the first comment was written", 2},
		"comments unreadable for a while": {
			[]simulator.Fault{{Kind: simulator.Refuse, Op: "comments", Reply: simulator.Internal, Times: 2}}, 1,
			"the first comment was written", 1},
		"answer lost, then comments unreadable": {
			[]simulator.Fault{{Kind: simulator.Lost, Op: "comment"},
				{Kind: simulator.Refuse, Op: "comments", Skip: 1, Reply: simulator.Unreadable, Times: 2}}, 1,
			"the first comment is there", 1},
		"no permission to write": {
			[]simulator.Fault{{Kind: simulator.Refuse, Op: "comment", Reply: simulator.NoPermission,
				Times: simulator.Forever}}, 0,
			"the access token lacks instagram_business_manage_comments; generate one that has it, and connect the " +
				"account again", 1},
		"no permission to read": {
			[]simulator.Fault{{Kind: simulator.Refuse, Op: "comments", Reply: simulator.NoPermission,
				Times: simulator.Forever}}, 0,
			"the access token lacks instagram_business_manage_comments", 0},
		"always refused": {[]simulator.Fault{
			{Kind: simulator.Refuse, Op: "comment", Reply: simulator.Reply{Code: 100, Message: "Comments are off"},
				Times: simulator.Forever}}, 0,
			"Comments are off", 1},
		"comments never readable": {[]simulator.Fault{
			{Kind: simulator.Refuse, Op: "comments", Reply: simulator.Internal, Times: simulator.Forever}}, 0,
			"the first comment was not written", 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("first_comment", `More at {{url}}`)
				for _, f := range tc.faults {
					s.sim.Fault(f)
				}
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Published, time.Minute)
				time.Sleep(48 * time.Hour)
				require.Len(t, s.comments(), tc.want, s.history(pub.ID))
				require.Equal(t, tc.asked, s.sim.CallCount("comment"))
				require.Contains(t, s.history(pub.ID), tc.note)
				require.Equal(t, 1, strings.Count(s.history(pub.ID), "the first comment"), s.history(pub.ID))
				require.Equal(t, store.Published, s.get(pub.ID).State)
				require.NotEmpty(t, s.get(pub.ID).Permalink)
				a, err := s.store.Account(t.Context(), s.account.ID)
				require.NoError(t, err)
				require.Empty(t, a.Trouble, "publishing continues")
			})
		})
	}
}

// TestFirstCommentSurvivesACrash kills the process between the intent and the answer, with and without an effect at
// Instagram.
func TestFirstCommentSurvivesACrash(t *testing.T) {
	for name, kind := range map[string]simulator.Kind{"written": simulator.Hold, "not written": simulator.Drop,
		"written after the crash": simulator.Slow} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("first_comment", "First.")
				release := make(chan struct{})
				s.sim.Fault(simulator.Fault{Kind: kind, Op: "comment", Until: release})
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Published, time.Minute)
				time.Sleep(5 * time.Second) // less than the limit of one call
				f := s.followUp(pub.ID)
				require.False(t, f.AskedAt.IsZero(), "the intent was written before the call")
				s.crash(f)
				close(release)
				s.set("first_comment", "Another.")
				time.Sleep(24 * time.Hour)
				require.Equal(t, []string{"First."}, s.comments(), "the frozen text, once")
			})
		})
	}
}

// TestFirstCommentComesLate has a call without an answer whose comment appears only minutes later.
func TestFirstCommentComesLate(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("first_comment", "First.")
		s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "comment"})
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		pub = s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(5 * time.Minute)
		client, err := s.acc.Client(t.Context(), s.account.ID)
		require.NoError(t, err)
		_, err = client.Comment(t.Context(), pub.MediaID, "First.")
		require.NoError(t, err)
		time.Sleep(24 * time.Hour)
		require.Len(t, s.comments(), 1)
		require.Contains(t, s.history(pub.ID), "the first comment is there")
	})
}

// crash stops the publisher and restores the follow-up that a killed process leaves: with the intent and a lease, but
// without an outcome.
func (s *theStage) crash(f store.FollowUp) {
	s.t.Helper()
	s.stopPublisher()
	left, err := s.store.FollowUp(s.t.Context(), f.PublicationID, f.Kind)
	require.NoError(s.t, err)
	f.Version = left.Version
	require.NoError(s.t, s.store.SettleFollowUp(s.t.Context(), f, false, time.Now().Add(lease)))
	s.restart()
}

func (s *theStage) followUp(id int64) store.FollowUp {
	s.t.Helper()
	f, err := s.store.FollowUp(s.t.Context(), id, store.FollowComment)
	require.NoError(s.t, err)
	return f
}

func TestNoCommentOnAStory(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("first_comment", "First.")
		s.set("channel", "story")
		s.set("location_id", "7640348500")
		s.set("collaborators", "ada")
		s.set("user_tags", "grace")
		pub := s.entry("Fog.", "a.jpg")
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(24 * time.Hour)
		require.Empty(t, s.comments())
		require.Zero(t, s.sim.CallCount("comment")+s.sim.CallCount("comments"))
		require.Empty(t, s.live()[0].LocationID)
		require.Equal(t, "grace", s.live()[0].Slides[0].UserTags[0].Username)
	})
}

// TestExtrasByKind checks that each kind is sent with the extras that Instagram accepts for it, and with no others.
func TestExtrasByKind(t *testing.T) {
	for name, tc := range map[string]struct {
		media []string
		tags  []int // number of user tags on each slide
		share string
	}{
		"picture":  {[]string{"a.jpg"}, []int{2}, ""},
		"carousel": {[]string{"a.mp4", "b.jpg", "c.jpg"}, []int{0, 2, 0}, ""},
		"reel":     {[]string{"a.mp4"}, []int{2}, "false"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				for _, word := range []string{"location_id=7640348500", "collaborators=ada,grace",
					"user_tags=mary,joan", "share_to_feed=no"} {
					k, v, _ := strings.Cut(word, "=")
					s.set(k, v)
				}
				pub := s.entry("Fog.", tc.media...)
				s.start()
				s.reach(pub.ID, store.Published, 10*time.Minute)
				p := s.live()[0]
				require.Equal(t, "7640348500", p.LocationID)
				require.Equal(t, []string{"ada", "grace"}, p.Collaborators)
				require.Equal(t, tc.share, p.ShareToFeed)
				for i, slide := range p.Slides {
					require.Len(t, slide.UserTags, tc.tags[i], i)
					if tc.tags[i] > 0 && !slide.Video {
						require.InDelta(t, 1.0/3, *slide.UserTags[0].X, 0.01)
						require.InDelta(t, 2.0/3, *slide.UserTags[1].X, 0.01)
					}
				}
			})
		})
	}
}

// TestExtrasAreFrozen checks that a carousel container created after a restart and a change of settings gets the
// extras that were frozen when the publication was staged.
func TestExtrasAreFrozen(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("location_id", "7640348500")
		s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "status", Reply: simulator.Unreadable, Times: 4})
		pub := s.entry("Fog.", "a.jpg", "b.jpg")
		s.start()
		s.reach(pub.ID, store.Staged, time.Minute)
		s.set("location_id", "11111")
		s.set("collaborators", "ada")
		s.restart()
		s.reach(pub.ID, store.Published, 10*time.Minute)
		require.Equal(t, "7640348500", s.live()[0].LocationID)
		require.Empty(t, s.live()[0].Collaborators)
	})
}

// TestRefusedSettings checks that a setting which Instagram refuses puts the publication on hold with a reason
// that names the setting, and that it is published after the owner corrected the setting.
func TestRefusedSettings(t *testing.T) {
	for word, media := range map[string]string{"location_id=40404404": "a.jpg b.jpg", "collaborators=ada404": "a.jpg",
		"user_tags=ada404": "a.jpg b.jpg"} {
		t.Run(word, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				name, value, _ := strings.Cut(word, "=")
				s.set(name, value)
				pub := s.entry("Fog.", strings.Fields(media)...)
				s.start()
				pub = s.reach(pub.ID, store.Held, 10*time.Minute)
				require.Contains(t, pub.Reason.String(),
					"Instagram does not take `"+name+"` with the value "+value+", from the account: correct it or leave it empty, "+
						"then publish.")
				require.Empty(t, s.live())
				s.set(name, "")
				s.do(pub.ID, store.Order{Command: store.CommandPublish})
				s.reach(pub.ID, store.Published, 10*time.Minute)
				require.Len(t, s.live(), 1)
			})
		})
	}
}

// TestFirstCommentOfARenamedAccount renames the account between writing its comment and reading the comments.
func TestFirstCommentOfARenamedAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, s *theStage) {
		s.set("first_comment", "First.")
		s.sim.Fault(simulator.Fault{Kind: simulator.Lost, Op: "comment"})
		pub := s.entry("Fog.", "a.jpg")
		_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
			func(a *store.Account) error { a.Username = "quay"; return nil })
		require.NoError(t, err)
		s.start()
		s.reach(pub.ID, store.Published, time.Minute)
		time.Sleep(48 * time.Hour)
		require.Equal(t, []string{"First."}, s.comments(), s.history(pub.ID))
	})
}

// TestFirstCommentWaitsForTheAccount checks that a comment which waits for its account uses no try and makes no
// calls.
func TestFirstCommentWaitsForTheAccount(t *testing.T) {
	for name, change := range map[string]func(a *store.Account){
		"paused": func(a *store.Account) { a.Paused = true },
		"account waits": func(a *store.Account) {
			a.Trouble, a.Problem, a.WaitUntil = store.Wait, reason.Text("Too many calls."), time.Now().Add(72*time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("first_comment", "First.")
				s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "comments",
					Reply: simulator.Internal, Times: 1})
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Published, time.Minute)
				time.Sleep(5 * time.Second)
				alter := func(f func(a *store.Account)) {
					_, err := s.store.UpdateAccount(t.Context(), s.account.ID, store.System, "",
						func(a *store.Account) error { f(a); return nil })
					require.NoError(t, err)
				}
				alter(change)
				asked := s.sim.CallCount("comments")
				time.Sleep(71 * time.Hour)
				require.Empty(t, s.comments())
				require.Equal(t, asked, s.sim.CallCount("comments"))
				alter(func(a *store.Account) { a.Paused = false })
				time.Sleep(26 * time.Hour)
				require.Equal(t, []string{"First."}, s.comments(), s.history(pub.ID))
			})
		})
	}
}

// TestFirstCommentReportsAccountProblems checks that an answer about the account counts even when a
// comment receives it, and that the comment is written although the problem lasts longer than all tries together.
func TestFirstCommentReportsAccountProblems(t *testing.T) {
	for name, outOfOrder := range map[string]func(t *testing.T, s *theStage) (mend func()){
		"token becomes invalid": func(t *testing.T, s *theStage) func() {
			s.sim.RevokeTokens(s.account.UserID)
			return func() {
				fresh := s.sim.AddAccount(
					simulator.Account{UserID: s.account.UserID, Username: "harbour", Token: token + "-2"})
				_, err := s.acc.Reconnect(t.Context(), s.account.ID, redact.Secret(fresh.Token))
				require.NoError(t, err)
			}
		},
		"throttled": func(_ *testing.T, s *theStage) func() {
			s.sim.Fault(simulator.Fault{Kind: simulator.Refuse, Op: "comments", Times: simulator.Forever,
				Reply: simulator.Reply{Code: 80002, Message: "too many calls",
					Header: http.Header{"X-Business-Use-Case-Usage": {
						`{"1784":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":120}]}`}}}})
			return s.sim.ClearFaults
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *theStage) {
				s.set("first_comment", "First.")
				s.sim.Fault(simulator.Fault{Kind: simulator.Drop, Op: "comments"}) // the retry follows a minute later
				pub := s.entry("Fog.", "a.jpg")
				s.start()
				s.reach(pub.ID, store.Published, time.Minute)
				time.Sleep(10 * time.Second)
				before := s.sim.CallCount("comment") + s.sim.CallCount("comments")
				mend := outOfOrder(t, s)
				time.Sleep(72 * time.Hour)
				require.LessOrEqual(t, s.sim.CallCount("comment")+s.sim.CallCount("comments")-before, 37,
					"nothing is asked of it meanwhile")
				require.Empty(t, s.comments())
				mend()
				time.Sleep(4 * time.Hour)
				require.Equal(t, []string{"First."}, s.comments(), s.history(pub.ID))
			})
		})
	}
}
