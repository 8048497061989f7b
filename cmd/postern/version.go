package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"postern/words"
)

// release is set by the linker: -ldflags "-X main.release=v1.2.3".
var release string

// version is the release, or what the build knows about itself.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return "development"
}

func userAgent() string { return "Postern/" + strings.TrimPrefix(version(), "v") }

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	at, changed := "unknown", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			at = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed {
		at = words.CommitChanged(at)
	}
	return at
}

type versionCmd struct{}

// Run prints what this program is.
func (versionCmd) Run(in *invocation) error {
	v := struct {
		Version string `json:"version"`
		Commit  string `json:"commit"`
		Go      string `json:"go"`
	}{version(), commit(), runtime.Version()}
	return in.answer(v, words.VersionLine(v.Version, v.Commit, v.Go))
}
