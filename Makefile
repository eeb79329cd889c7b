# Yumen 域门. `make` alone tells what there is.
SHELL := /bin/sh
DATA  ?= data
FILE  ?= cmd/story/stories/zhaopin.story
T     ?= 1m
OUT   ?= shots
SANDBOX ?= http://127.0.0.1:7780
export CGO_ENABLED ?= 0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Not asked: G407, which panics on this tree, and G601, about variables of loops that Go has shared between rounds until 1.21.
GOSEC := github.com/securego/gosec/v2/cmd/gosec@v2.22.4 -quiet -exclude=G407,G601
RACE  := ./db/... ./jobs/... ./protocols/... ./sandbox/... ./registrar/search/... ./registrar/registries/... ./handlers/web/...

.DEFAULT_GOAL := help
.PHONY: bench help run dev check test generate story storybook shots duties faults reconcile fuzz lint race clean

help: ## what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## portal, registry, bank, verifier and mailbox on this machine; prints addresses and logins
	@testkit/setup.sh run
	@go build -o bin/yumen ./cmd/yumen
	@bin/yumen serve --data $(DATA)

dev: ## the same, generated code made anew first
	@$(MAKE) --no-print-directory generate
	@$(MAKE) --no-print-directory run

check: lint ## the fast part: format, vet, generated code, unit tests and the tree's rules
	@go test -short ./db/... ./jobs/... ./registrar/... ./locales/... ./static/... ./views/... ./cmd/yumen/...

test: ## everything at its small size; sets itself up
	@testkit/setup.sh test
	@testkit/with-postgres.sh $(MAKE) --no-print-directory tested

.PHONY: asvs
asvs: ## how many requirements of ASVS 5.0.0 have a test, a reason, a section of the runbook
	@go test -count=1 -v -run Requirement ./docs

.PHONY: tested
tested: lint security
	@rm -rf bin/proofs && mkdir -p bin/proofs
	@YUMEN_DUTY_REPORT=$(CURDIR)/bin/proofs go test -timeout 30m ./...
	@$(MAKE) --no-print-directory race
	@go run ./cmd/duties -proofs bin/proofs

race: ## the packages with goroutines of their own, under the race detector
	@CGO_ENABLED=1 go test -race -timeout 20m $(RACE)

lint: ## format, vet, staticcheck, generated code and modules are clean
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	@go vet ./...
	@go run $(STATICCHECK) ./...
	@go mod tidy -diff
	@go tool templ generate -log-level error >/dev/null && git diff --exit-code -- '*_templ.go'

.PHONY: security
security: ## gosec over all but tests, known vulnerabilities by govulncheck
	@GOGC=400 go run $(GOSEC) ./...
	@testkit/govulncheck.sh

generate: ## templates to Go
	@go tool templ generate -log-level error

story: ## one journey as text: make story FILE=... [LANG=en]
	@go run ./cmd/story $(FILE)

storybook: ## every page and mail in every state, both languages, into storybook/
	@go run ./cmd/storybook -out storybook

shots: ## screenshots of every page reached, both languages, both themes, two widths, into $(OUT)
	@testkit/setup.sh test
	@YUMEN_SHOTS=$(CURDIR)/$(OUT) go test -count=1 -timeout 20m -run TestShots ./cmd/story

duties: ## how far the 221 duties are kept, with proof
	@rm -rf bin/proofs && mkdir -p bin/proofs
	@testkit/setup.sh test
	@YUMEN_DUTY_REPORT=$(CURDIR)/bin/proofs testkit/with-postgres.sh go test -count=1 -run '^Test[MZI][0-9]' ./... | grep -v 'no test' || { echo "a proof failed"; exit 1; }
	@go run ./cmd/duties -proofs bin/proofs

N     ?= 50
faults: ## kills portal and world N times in each flow, then counts: make faults N=1000 [SEED=...] [FLOW=register]
	@go run ./cmd/faults -n $(N) $(if $(SEED),-seed $(SEED)) $(if $(FLOW),-flow $(FLOW))
	@$(if $(FLOW),:,env -u N go test -count=1 -timeout 30m ./cmd/faults/pressure)

reconcile: ## a running `make run` against its registry and bank: every difference, named
	@test -x bin/yumen || go build -o bin/yumen ./cmd/yumen
	@go build -o bin/reconcile ./cmd/reconcile
	@bin/reconcile -yumen bin/yumen -data $(DATA) -sandbox $(SANDBOX)

bench: ## the portal against the least that could do the same work, as ratios
	@go run ./cmd/bench

fuzz: ## every fuzz target for T each: make fuzz T=10m
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -h '^func Fuzz' $$p/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do \
	    echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(T) -fuzzminimizetime 1s $$p || exit 1; done; done

clean: ## removes what was built; keeps data/ and its keys
	@rm -rf bin storybook shots
