#!/bin/sh
# Writes the licences of everything that is linked into the program, on any system it is made for. It fails on one that it
# does not know to be permissive. The decoder of HEIC is the one exception, which is said at the top.
set -eu
cd "$(dirname "$0")/.."

list=$(mktemp)
trap 'rm -f "$list"' EXIT
for target in linux/amd64 linux/arm64 linux/arm darwin/arm64 windows/amd64 freebsd/amd64; do
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go list -deps -tags nodynamic \
		-f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}} {{$.Dir}}{{end}}{{end}}' ./cmd/postern
done | LC_ALL=C sort -u >"$list"

texts() { # of the directories named; "lib" is where modules keep what they embed
	for dir in "$@"; do
		for f in "$dir"/* "$dir"/lib/*; do
			[ -f "$f" ] || continue
			case $(basename "$f" | tr '[:lower:]' '[:upper:]') in
			*.GO | *.C | *.H) ;;
			LICEN[CS]E* | UNLICENSE* | COPYING* | NOTICE* | PATENTS*) echo "$f" ;;
			esac
		done
	done | awk '!seen[$0]++'
}

permissive() {
	case $1 in
	*/NOTICE* | */PATENTS* | */LICENSE-LOGO) return 0 ;; # beside a licence
	*/gen2brain/heic@*/lib/LICENSE.lib*) return 0 ;;
	*/LICENSE-3RD-PARTY.md) ! grep -q '^ *GNU .*GENERAL PUBLIC' "$1" && return 0 ;; # a collection
	esac
	head -n 30 "$1" | tr -s '[:space:]' ' ' | grep -qE 'Permission is hereby granted, free of charge|Redistribution and use in source and binary forms|Apache License Version 2\.0|Licensed under the Apache License, Version 2\.0|Mozilla Public License,? [Vv]ersion 2\.0|dedicated to the public domain|in the public domain|free and unencumbered software|Permission to use, copy, modify, and(/or)? distribute'
}

cat <<'END'
Postern is under the MIT licence, see LICENSE. The program contains the libraries below, under their own licences.

HEIC pictures are decoded by libheif and libde265, which are under the GNU Lesser General Public License, version 3. They are
in the module github.com/gen2brain/heic as WebAssembly, lib/heif.wasm.gz; its lib/Makefile names their versions and builds
that file from their sources. To use them changed, put a copy of that module in its place (go mod edit -replace) and build
Postern from its source.
END

emit() { # heading, files
	printf '\n%s\n%s\n' "================================================================================" "$1"
	shift
	for f in "$@"; do
		permissive "$f" || { echo "licenses: $f is no licence that is known to be permissive" >&2; exit 1; }
		printf '\n--- %s ---\n\n' "$(basename "$f")"
		tr -d '\r' <"$f"
	done
}

emit "Go, its standard library and run time" "$(go env GOROOT)/LICENSE"
cut -d ' ' -f 1-3 "$list" | uniq | while read -r module version root; do
	files=$(texts "$root" $(grep "^$module " "$list" | cut -d ' ' -f 4))
	[ -n "$files" ] || { echo "licenses: $module $version has none" >&2; exit 1; }
	emit "$module $version" $files
done
