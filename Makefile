# Two commands are enough: `make run` starts the demonstration directory and
# `make test` runs every check. Both install what they need.

GO      ?= go
BIN     := bin/hereabouts
DATA    ?= tmp/demo
LISTEN  ?= 127.0.0.1:8080
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
TOOLS   := $(GO) tool -modfile=.ci/tools.mod

.PHONY: run build check test bench browser clean

run: build ## start the demonstration directory and print its address
	$(BIN) serve --demo --data $(DATA) --listen $(LISTEN)

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/hereabouts

check: ## the quick part: format, vet, staticcheck, layers
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not gofmt-ed:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...
	$(GO) test -run 'TestImportsPointInward|TestLayers' .

test: check browser ## everything, with the race detector and a real browser
	$(GO) test -race -timeout 20m ./...
	$(GO) test -timeout 20m ./index ./geo/transit # all of the comparisons, of which the race detector gets a part

browser: # Debian's chromium, unless a browser is here already
	@.ci/browser

bench: ## speed, size and memory, side by side with stock Bleve; see docs/benchmarks.md
	.ci/bench

clean:
	rm -rf bin tmp
