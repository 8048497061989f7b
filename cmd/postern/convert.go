package main

import (
	"os"
	"time"

	"postern/config"
	"postern/media"
)

// convertCmd is not for people: the program runs itself like this for one AVIF or HEIC picture, so that what a
// hostile one takes is taken from that process.
type convertCmd struct{}

// Run needs neither configuration nor data directory.
func (*convertCmd) Run(in *invocation) error { return media.ConvertMain(in.stdin, in.stdout) }

// conversionTime is what one video may take: less than a step of the publisher, which has other things to do as well.
const conversionTime = 10 * time.Minute

// mediaLimits are the library's own, with this program as its converting process.
func mediaLimits(cfg config.Config) media.Limits {
	lim := media.Limits{MaxTotal: cfg.Media.MaxBytes, VideoTimeout: conversionTime, Timeout: cfg.Media.Timeout,
		FFmpeg: cfg.Media.FFmpeg}
	if exe, err := os.Executable(); err == nil { // else the pictures are decoded here
		lim.Convert = []string{exe, "convert"}
	}
	return lim
}
