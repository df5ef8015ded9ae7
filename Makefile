# What the project's developers and CI run. Needs Go, git and make; `make test`
# installs from the distribution what the tests start and is missing (scripts/install-engines).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# A test binary that hangs is ended, with the stacks of its goroutines, before
# all of them together reach the limit, in seconds.
TEST_TIMEOUT ?= 9m
TEST_LIMIT ?= 600
# Tests of a package that run at a time: much of them is waiting for connections.
TEST_PARALLEL ?= 4
# For example: make test TESTFLAGS=-race, or TESTFLAGS='-run TestPlan -v'.
TESTFLAGS ?=
# The package that takes longest first: it would end long after the others.
PACKAGES ?= ./internal/enginetest ./...
# For example: make bench BENCHFLAGS=-quick, or BENCHFLAGS=-help for the flags.
BENCHFLAGS ?=
BENCHTIME ?= 1s
FUZZTIME ?= 10s

# The drivers are pure Go, so that one machine builds for all the others.
GO_BUILD := CGO_ENABLED=0 go build -trimpath
# Where GNU's timeout is missing, TEST_TIMEOUT alone bounds the tests. In the
# foreground the interrupt key reaches them.
LIMIT := $(if $(shell timeout --foreground 9 true 2>&1 || echo missing),,timeout $(if $(CI),,--foreground )-k 10 $(TEST_LIMIT))

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: engines ## Run all the tests, with real databases; a missing one is a failure
	GOTMPDIR=$${GOTMPDIR:-$${TMPDIR:-/tmp}} TMPDIR=$$(scripts/scratch) REGISTRAR_TEST_REQUIRE=postgres,sqlite3,mariadb,chromium $(LIMIT) go test -vet=off -timeout $(TEST_TIMEOUT) -parallel $(TEST_PARALLEL) $(TESTFLAGS) $(PACKAGES)

.PHONY: engines
engines: ## Install the databases and programs that the tests start
	@scripts/install-engines

.PHONY: vet
vet: ## Run go vet, for Windows too
	go vet ./...
	GOOS=windows CGO_ENABLED=0 go vet ./...

.PHONY: lint
lint: vet ## Check style, likely mistakes and the direction of imports
	@tools=$$(scripts/tools) && set -x && "$$tools/golangci-lint" run ./...

# For example: make grammar SQL=plsql=providers/oracle/testdata/sql
SQL ?= tsql=providers/mssql/testdata/sql plsql=providers/oracle/testdata/sql
GRAMMARS := scripts/grammar/node_modules/.package-lock.json

.PHONY: grammar
grammar: $(GRAMMARS) ## Read the SQL for SQL Server and Oracle with real grammars; needs Node.js
	node scripts/grammar/check.js $(SQL)

# What the lock names, by its checksums, and none of its scripts.
scripts/%/node_modules/.package-lock.json: scripts/%/package.json scripts/%/package-lock.json
	npm ci --prefix scripts/$* --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: pipelines
pipelines: scripts/pipelines/node_modules/.package-lock.json ## Read the examples' pipelines by their schemas, run the rules for OPA; needs Node.js
	scripts/pipelines/check

.PHONY: fmt
fmt: ## Format the Go files as `make lint` wants them
	@tools=$$(scripts/tools) && "$$tools/golangci-lint" fmt

.PHONY: build
build: ## Build bin/registrar
	$(GO_BUILD) -o bin/ ./cmd/registrar

.PHONY: cross
cross: ## Build for Windows and for Linux on arm64
	GOOS=windows GOARCH=amd64 $(GO_BUILD) -o bin/windows-amd64/ ./cmd/registrar
	GOOS=linux GOARCH=arm64 $(GO_BUILD) -o bin/linux-arm64/ ./cmd/registrar

.PHONY: bench
bench: engines ## Compare with the limit and with what else could be used
	go run ./internal/bench $(BENCHFLAGS)

.PHONY: microbench
microbench: engines ## Run the Go benchmarks
	@packages=$$({ git grep -l --untracked '^func Benchmark' -- '*_test.go' || true; } | sed 's|^|./|; s|/[^/]*$$||' | sort -u); \
	if [ -z "$$packages" ]; then echo "no benchmarks yet"; exit; fi; \
	set -x; go test -run '^$$' -bench . -benchtime $(BENCHTIME) -timeout 30m $$packages

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME
	@{ git grep --untracked -o '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' || true; } | \
	while IFS=: read -r file function; do \
		(set -x; go test -run '^$$' -fuzz "^$${function#func }\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null); \
	done

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist
