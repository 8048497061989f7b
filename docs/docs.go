// Package docs is what the program shows of its own documentation. The same files are read in the repository.
package docs

import "embed"

// InstagramSetup is the setup guide, in Markdown. Its pictures are named as files beside it: instagram/NAME.svg.
//
//go:embed instagram-setup.md
var InstagramSetup []byte

// Pictures are the guide's, below instagram/.
//
//go:embed instagram/*.svg
var Pictures embed.FS
