# Tools are pinned here and in go.mod: a machine with only Go gets them by running these targets.
GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GORELEASER = go run github.com/goreleaser/goreleaser/v2@v2.16.0
# Every kind of system and processor that .goreleaser.yaml makes the program for.
TARGETS = linux/amd64 linux/arm64 linux/arm darwin/amd64 darwin/arm64 windows/amd64 freebsd/amd64

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: demo
demo: ## the whole product with a simulated Instagram
	go run ./cmd/postern demo

.PHONY: build
build: ## the static program, with AVIF and HEIC left to its own code, for the whole machine
	CGO_ENABLED=0 go build -trimpath -tags nodynamic -ldflags='-s -w -X main.systemConfig=/etc/postern/postern.toml' -o postern ./cmd/postern

.PHONY: generate
generate: ## the pages' Go code from their templates
	go generate ./...

.PHONY: test
test: ## the tests, as in the README
	go test ./...

.PHONY: lint
lint: ## formatting, vet, linters, import arrows
	go vet ./...
	$(GOLANGCI_LINT) run

.PHONY: fuzz
fuzz: ## every fuzz target for twenty seconds
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
		for t in $$(grep -oE '^func Fuzz[A-Za-z0-9_]+' $$f | cut -c6-); do \
			echo "== $$(dirname $$f) $$t"; go test ./$$(dirname $$f) -run '^$$' -fuzz "^$$t\$$" -fuzztime 20s || exit 1; \
		done; done

.PHONY: torture-publishers
torture-publishers: ## three publishers on one database while calls are lost, late or paused: SEEDS=1-200
	POSTERN_SEEDS="$(SEEDS)" go test ./publisher -run TestPublishersTorture -count=1 -timeout 2h

.PHONY: torture-bodies
torture-bodies: ## all hostile bodies of feeds and pages, with the memory that each takes
	POSTERN_TEST_BODIES_ALL=1 go test ./feed -run 'TestMemoryOfBodies|TestTheLargestBodies' -count=1 -v -timeout 1h

.PHONY: figures
figures: ## long functions, doc comments, long lines, packages, arrows and sentences: V=-v lists them
	@go run ./cmd/figures $(V)

.PHONY: score
score: ## media, words and alt texts of a corpus of feeds against answers by hand: CORPUS=DIRECTORY
	@go run ./cmd/score "$(CORPUS)"

.PHONY: screenshots
screenshots: ## the pictures of the README, from the demo, in Chromium
	mkdir -p docs/screenshots
	POSTERN_SCREENSHOTS=$(CURDIR)/docs/screenshots go test ./cmd/postern -run TestScreenshots -count=1

.PHONY: race
race: ## the tests under the race detector, shuffled
# SQLite and its allocator, C made into Go, are not watched: nothing of ours is in there, and watching it takes most of the
# time. Only these packages: one with generic functions of the standard library in it would put its unwatched copies in
# everybody's place. The C library beneath them is watched, but not its pointers, which are addresses of C.
# What runs a browser or the built program is left out: the detector sees into neither, and `make test` tried them.
	go test -race -short -shuffle=on -timeout 30m -tags nodynamic -gcflags=modernc.org/libc=-d=checkptr=0 \
		-gcflags=modernc.org/memory=-race=false -gcflags=modernc.org/sqlite/lib=-race=false ./...

.PHONY: torture-copies
torture-copies: ## old databases put back, backups and copies at work side by side, by the built program: SEEDS=1-30
	POSTERN_COPIES_SEEDS="$(SEEDS)" go test ./cmd/postern -run TestCopiesPublishNothingTwice -count=1 -timeout 60m -v

.PHONY: static
static: ## both builds, and that they need nothing of the host
	CGO_ENABLED=0 go build -o /tmp/postern-plain ./cmd/postern
	CGO_ENABLED=0 go build -tags nodynamic -o /tmp/postern-nodynamic ./cmd/postern
	for f in plain nodynamic; do file /tmp/postern-$$f | grep -q 'statically linked' || { file /tmp/postern-$$f; exit 1; }; rm /tmp/postern-$$f; done

.PHONY: cross
cross: ## that it compiles for every system it is released for; several minutes the first time
	@for t in $(TARGETS); do echo $$t; \
		GOOS=$${t%/*} GOARCH=$${t#*/} GOARM=7 CGO_ENABLED=0 go build -tags nodynamic -o /dev/null ./cmd/postern || exit 1; \
	done

.PHONY: manual
manual: ## the manual page from the commands' own help
	go test ./cmd/postern -run TestManual -count=1 -update

.PHONY: licenses
licenses: ## the licences of all that is in the program, in one file; fails on one that is not permissive
	mkdir -p packaging/build
	packaging/licenses.sh >packaging/build/THIRD-PARTY-LICENSES.txt

.PHONY: package-files
package-files: licenses
	gzip -9n <packaging/postern.1 >packaging/build/postern.1.gz

.PHONY: release-snapshot
release-snapshot: ## archives and packages of what is committed, in dist/
	$(GORELEASER) release --snapshot --clean

.PHONY: check
check: generate lint static test race ## exactly what CI runs
	git diff --exit-code
	test -z "$$(git status --porcelain)" || { git status --short; exit 1; }
