# Everything here needs Go, gcc and make. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash

LINT_VERSION := v2.15.0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO_FILES := $(shell find cmd runner -name node_modules -prune -o \( -name '*.go' -o -name '*.sql' -o -path '*/web/dist/*' -o -path '*/web/pages/*' \) -print | grep -v _test.go)

bin/elt: go.mod go.sum $(GO_FILES)
	go build -trimpath -ldflags "-X main.version=$(VERSION)" -o $@ ./cmd/elt

.PHONY: build
build: bin/elt ## build bin/elt

.PHONY: run
run: bin/elt data/raw/google_ads.csv ## run the whole pipeline; makes sample data if there is none
	./bin/elt run

data/raw/google_ads.csv: | bin/elt
	./bin/elt generate --seed 1

.PHONY: serve
serve: bin/elt ## serve the dashboard, the run console and the catalogue at http://127.0.0.1:8501
	./bin/elt serve

.PHONY: run-dashboard
run-dashboard: serve ## the same, by the name people know

.PHONY: generate-data
generate-data: bin/elt ## append sample data to data/raw: new days, a few new clients
	./bin/elt generate

.PHONY: test
test: ## all tests that need only Go, gcc and make
	go test -race -timeout 20m ./runner/...
	go test -timeout 20m ./cmd/...

.PHONY: test-race
test-race: ## the tests of the command line once more, with the race detector
	go test -race -timeout 40m ./cmd/...

.PHONY: test-browser
test-browser: ## click through the web UI in a real browser; installs Chromium where apt-get can. Leaves pictures in target/screenshots
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; } || \
	  { echo "test-browser needs Chromium: install it, or run this as root where apt-get has it" >&2; exit 1; }
	go test -tags browser -count=1 -timeout 30m ./runner/web/browser

.PHONY: test-kill
test-kill: ## kill runs at random moments and check what readers see
	ELT_KILLS=$${ELT_KILLS:-60} go test -count=1 -run TestKill -timeout 30m -v ./cmd/elt

.PHONY: conformance
conformance: bin/elt | python-venv ## run the dbt projects of cmd/elt/testdata/dbt through dbt, too, and compare; needs python3 and PyPI
	python3 .ci/conformance/conformance.py

.PHONY: conformance-update
conformance-update: bin/elt | python-venv ## the same, and keep what dbt gave as what `make test` expects
	python3 .ci/conformance/conformance.py --update

.PHONY: python-venv
python-venv:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { apt-get update -qq && apt-get install -y -qq python3-venv; } || \
	  { echo "conformance needs python3 with venv: install it (Debian: python3-venv), or run this as root where apt-get has it" >&2; exit 1; }

.PHONY: fuzz
fuzz: ## fuzz each parser for a minute
	@.ci/fuzz $${FUZZTIME:-60s}

.PHONY: ui
ui: ## bundle the web UI into runner/web/dist; needs Go only
	go run ./cmd/ui

.PHONY: ui-check
ui-check: ## fail where runner/web/dist is not what runner/web/ui gives, or a page weighs too much
	go run ./cmd/ui -check

.PHONY: ui-vendor
ui-vendor: runner/web/ui/vendor/node_modules ## bundle the third-party code of the web UI anew; needs npm
	go run ./cmd/ui -vendor
	cp runner/web/ui/vendor/node_modules/axe-core/axe.min.js runner/web/browser/testdata/axe.min.js
	cp runner/web/ui/vendor/node_modules/axe-core/LICENSE runner/web/browser/testdata/axe.LICENSE

.PHONY: ui-types
ui-types: runner/web/ui/vendor/node_modules ## check the types of the web UI; needs npm
	cd runner/web/ui/vendor && npx tsc -p ../tsconfig.types.json

runner/web/ui/vendor/node_modules: runner/web/ui/vendor/package.json runner/web/ui/vendor/package-lock.json
	cd runner/web/ui/vendor && npm ci --no-audit --no-fund
	touch $@

.PHONY: lint
lint: ## formatting and static checks
	go vet ./...
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION) run

.PHONY: bench
bench: bin/elt ## Go benchmarks and a run at scale, with its ratio to plain DuckDB
	go test -run '^$$' -bench . -benchtime 3x ./...
	@if command -v chromium >/dev/null; then go test -tags browser -run '^$$' -bench . -benchtime 7x ./runner/web/browser; else \
	  echo "no Chromium here: the time until the overview is painted is not taken (make test-browser installs it)"; fi
	go run ./cmd/bench

.PHONY: clean
clean: ## remove everything that is generated, except data/raw
	@if [ -x bin/elt ]; then ./bin/elt clean; fi
	rm -rf bin target

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16
