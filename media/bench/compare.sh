#!/usr/bin/env bash
# Compares the conversion of pictures with vipsthumbnail and ImageMagick; see main.go. On Debian and Ubuntu both come with
#   apt-get install --no-install-recommends libvips-tools imagemagick
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in vipsthumbnail convert; do
	command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install --no-install-recommends libvips-tools imagemagick" >&2; exit 2; }
done
program=$(mktemp)
trap 'rm -f "$program"' EXIT
CGO_ENABLED=0 go build -trimpath -tags nodynamic -o "$program" ./media/bench
"$program"
