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


.PHONY: torture-bodies
torture-bodies: ## all hostile bodies of feeds and pages, with the memory that each takes
	POSTERN_TEST_BODIES_ALL=1 go test ./feed -run 'TestBodiesCostWhatTheyWeigh|TestTheLargestBodies' -count=1 -v -timeout 1h
