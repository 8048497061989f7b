package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/shape"
	"postern/store"
)

// The disk dies after a post went out that the last backup does not know.
func TestRestorePublishesNothingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.must(w.run("account", "set", "1", "approve=true"))
	w.blog.add("pier", "The pier", "pier.jpg")
	w.blog.add("fog", "Fog", "fog.jpg")
	w.must(w.run("sync", "--wait", "2m"))
	r := w.must(w.run("account", "set", "1", "approve="))
	require.Regexp(t, "2 posts stay on hold. To let them go out in their turn, run `postern approve [0-9]+ [0-9]+`", r.stdout)
	copied := filepath.Join(t.TempDir(), "copy.db")
	w.must(w.run("backup", copied))
	pier, fog := int64(0), int64(0)
	for _, p := range w.publications(w.must(w.run("publications", "--json", "--state", "held"))) {
		if p.Post.Title == "The pier" {
			pier = p.ID
		} else {
			fog = p.ID
		}
	}
	w.must(w.run("publish", fmt.Sprint(pier)))
	w.blog.add("boats", "Boats", "boats.jpg")
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 2, "the pier and the boats")

	var said struct{ Kept string }
	require.NoError(t, json.Unmarshal([]byte(w.must(w.run("restore", copied, "--json")).stdout), &said))
	require.FileExists(t, said.Kept)
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 2)
	byTitle := map[string]shape.Publication{}
	for _, p := range w.publications(w.must(w.run("publications", "--json"))) {
		byTitle[p.Post.Title] = p
	}
	require.Equal(t, store.Held, byTitle["Boats"].State)
	require.Contains(t, byTitle["Boats"].Reason, "may have been published since")

	for _, id := range []int64{pier, fog, byTitle["Boats"].ID} {
		w.must(w.run("publish", fmt.Sprint(id)))
	}
	w.must(w.run("sync", "--wait", "2m"))
	require.Len(t, w.sim.Posts(""), 3, "only the fog was not live")
	for _, p := range w.publications(w.must(w.run("publications", "--json"))) {
		switch p.ID {
		case fog:
			require.Equal(t, store.Published, p.State)
		case pier, byTitle["Boats"].ID:
			require.Contains(t, p.Reason, "seems to be live already")
		}
	}

	w.must(w.run("restore", "--in-place"))
	w.fails(w.run("restore", filepath.Join(w.dir, "none.db")), "no such file")
	odd := filepath.Join(t.TempDir(), "odd.db")
	require.NoError(t, os.WriteFile(odd, nil, 0o600))
	w.fails(w.run("restore", odd), "is not a database of postern", "changed nothing")
	require.NotContains(t, w.run("restore", odd).stderr, "restoring", "nobody named that file")
	require.NoError(t, os.WriteFile(odd,
		[]byte(
			"<html>not found</html>, and so on, for more than a hundred bytes: "+
				"......................................................"), 0o600))
	w.fails(w.run("restore", odd), "is not a database of postern", "changed nothing")
	require.Equal(t, exitUsage, w.run("restore").status)
	left, err := filepath.Glob(filepath.Join(w.dir, "data", "*restoring*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// A token that was removed after the backup stays removed, as far as the database that is replaced tells; where nothing
// tells, its owner is asked to look.
func TestRestoreRevivesNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, label := range []string{"stolen", "build"} {
		w.must(w.run("token", "add", "--label", label))
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	w.must(w.run("backup", copied))
	w.must(w.run("token", "remove", "1"))
	w.must(w.run("token", "add", "--label", "later"))
	labels := func() (all []string) {
		var list []tokenJSON
		require.NoError(t, json.Unmarshal([]byte(w.must(w.run("token", "list", "--json")).stdout), &list))
		for _, one := range list {
			all = append(all, one.Label)
		}
		return all
	}
	require.NotContains(t, w.must(w.run("restore", copied)).stdout, "token")
	require.Equal(t, []string{"build"}, labels())

	warns := func(what, why string) {
		t.Helper()
		require.Contains(t, w.must(w.run("restore", what)).stdout, "2 API tokens work again", why)
		require.Equal(t, []string{"stolen", "build"}, labels(), why)
	}
	require.NoError(t, os.RemoveAll(filepath.Join(w.dir, "data")))
	warns(copied, "a new disk")
	warns("--in-place", "a snapshot")

	require.NoError(t, os.RemoveAll(filepath.Join(w.dir, "data")))
	require.Empty(t, labels(), "another installation")
	w.must(w.run("token", "add", "--label", "other"))
	warns(copied, "another installation was there")

	require.NoError(t, os.RemoveAll(filepath.Join(w.dir, "data")))
	require.NoError(t, os.Mkdir(filepath.Join(w.dir, "data"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "data", "postern.db"), []byte("a damaged database"), 0o600))
	warns(copied, "what was there cannot be read")
}

// What is set aside gets a name of its own, however soon one restore follows another.
func TestRestoreTwiceInOneSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.run("token", "add", "--label", "first"))
	copied := filepath.Join(t.TempDir(), "copy.db")
	w.must(w.run("backup", copied))
	database, now := filepath.Join(w.dir, "data", "postern.db"), time.Now()
	names := map[string]bool{}
	for range 3 {
		kept, err := keepDatabase(t.Context(), database, now)
		require.NoError(t, err)
		require.FileExists(t, kept)
		names[kept] = true
	}
	require.Len(t, names, 3)
	for range 2 {
		w.must(w.run("restore", copied))
	}
}

// Whoever changed the password had a reason: the one that was set last opens, as far as the database that is
// replaced tells.
func TestRestoreKeepsThePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hash := func() string {
		s, err := store.OpenReadOnly(t.Context(), filepath.Join(w.dir, "data", "postern.db"))
		require.NoError(t, err)
		defer s.Close()
		h, err := s.PasswordHash(t.Context())
		require.NoError(t, err)
		hook, err := s.Setting(t.Context(), store.HookSetting)
		require.NoError(t, err)
		return h + " " + hook
	}
	w.must(w.run("token", "add", "--label", "first"))
	copied := filepath.Join(t.TempDir(), "copy.db")
	bare := filepath.Join(t.TempDir(), "bare.db")
	w.must(w.run("backup", bare))
	w.must(w.post("the one that leaked\n", "password"))
	w.must(w.run("hook"))
	old := hash()
	w.must(w.run("backup", copied))
	w.must(w.post("another and a better one\n", "password"))
	w.must(w.run("hook", "--new"))
	present := hash()
	require.NotEqual(t, old, present)

	for _, file := range []string{copied, bare} {
		require.Contains(t, w.must(w.run("restore", file)).stdout, "The web password is the one that was set last")
		require.Equal(t, present, hash(), file)
	}

	require.NoError(t, os.RemoveAll(filepath.Join(w.dir, "data")))
	require.Contains(t, w.must(w.run("restore", copied)).stdout, "set it again with `postern password`",
		"on a new disk nothing tells")
	require.Equal(t, old, hash())
	require.Contains(t, w.must(w.run("restore", "--in-place")).stdout, "The web password is the one of that time")
	require.Equal(t, old, hash())
}
