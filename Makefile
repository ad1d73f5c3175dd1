# The two commands:  make run   and   make test.
# What is up to date is decided by file times; set-up asks this machine's package sources once (.build/README.md).

PORT ?= 8080
HOST ?= 127.0.0.1
CONFIGURATION := Release
STATE := .build/state
HOST_DLL := src/Cluster.Host/bin/$(CONFIGURATION)/net10.0/Cluster.Host.dll

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

SETUP_INPUTS := .build/setup.sh .build/Directory.Build.props $(wildcard .build/onnxruntime/* .build/probe/*) Directory.Packages.props Directory.Build.props NuGet.config
SOURCES := $(shell find src -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.js' -o -name '*.css' -o -name '*.html' \) -not -path '*/bin/*' -not -path '*/obj/*')

.PHONY: run test full chart dashboard soak image cluster chaos upgrade build setup clients fuzz clean help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 — \2/p' Makefile

run: $(STATE)/host.stamp ## start the server with the embedded model on http://127.0.0.1:8080 (PORT= for another port)
	@exec dotnet $(HOST_DLL) --urls http://$(HOST):$(PORT)

test: setup ## every test; the last line is "N passed, N failed, N skipped"
	@.build/test.sh

full: setup ## every test, the long suites included
	@CLUSTER_FULL=1 .build/test.sh

fuzz: setup ## mutated request bodies and schemas, FUZZ_MINUTES (10) each
	@dotnet build src/Cluster.Host/Cluster.Host.csproj -c $(CONFIGURATION) -v quiet -clp:NoSummary
	@dotnet build tests/Benchmarks/Benchmarks.csproj -c $(CONFIGURATION) -v quiet -clp:NoSummary
	@dotnet tests/Benchmarks/bin/$(CONFIGURATION)/net10.0/Benchmarks.dll http-fuzz --minutes $(or $(FUZZ_MINUTES),10)
	@dotnet tests/Benchmarks/bin/$(CONFIGURATION)/net10.0/Benchmarks.dll fuzz --minutes $(or $(FUZZ_MINUTES),10)

clients: setup ## the real OpenAI clients against a running server
	@.build/test.sh Clients Host.Tests

chart: setup ## render the Helm chart, check every object, run the processes as it would
	@.build/test.sh Chart

dashboard: setup ## the admin pages in a real browser (needs Chromium); DASHBOARD_SCREENSHOTS=1 renews the README's pictures
	@.build/test.sh Dashboard

soak: setup ## mixed load with disconnects, hostile schemas and reloads for SOAK_MINUTES (30): nothing may grow; draws docs/soak.svg
	@dotnet build src/Cluster.Host/Cluster.Host.csproj -c $(CONFIGURATION) -v quiet -clp:NoSummary
	@exec node tests/Soak/soak.js

image: ## the container image cluster:VERSION (needs Docker; GPU=1 for CUDA)
	@command -v docker >/dev/null || { echo "make image needs Docker, which is not here"; exit 1; }
	@version=$$(sed -n 's/^appVersion: "\(.*\)"/\1/p' helm/cluster/Chart.yaml) && \
	docker build -t cluster:$$version$(if $(GPU),-cuda) $(if $(GPU),--build-arg GPU=1 --build-arg BASE=cuda) .

cluster: $(STATE)/host.stamp ## three silos on this machine: an edge on http://127.0.0.1:8080 and two replicas
	@PORT=$(PORT) exec .build/cluster.sh $(HOST_DLL)

chaos: setup ## kill, stop and restart real silos under load for CHAOS_MINUTES (3); the last line is one JSON object
	@dotnet build tests/Chaos/Chaos.csproj -c $(CONFIGURATION) -v quiet -clp:NoSummary
	@CHAOS_MINUTES=$(or $(CHAOS_MINUTES),3) exec dotnet tests/Chaos/bin/$(CONFIGURATION)/net10.0/Cluster.Chaos.dll

upgrade: setup ## replace running silos of another version (FROM=, the commit before this one) by this one's and back, under load
	@CHAOS_MINUTES=$(or $(CHAOS_MINUTES),1) exec .build/upgrade.sh $(or $(FROM),HEAD~1)

build: setup ## build everything
	@dotnet build Cluster.sln -c $(CONFIGURATION) -v quiet

setup: $(STATE)/setup.stamp

$(STATE)/setup.stamp: $(SETUP_INPUTS)
	@.build/setup.sh
	@mkdir -p $(STATE) && touch $@

$(STATE)/host.stamp: $(STATE)/setup.stamp $(SOURCES)
	@echo "building (the first time takes a minute or two)"
	@dotnet build src/Cluster.Host/Cluster.Host.csproj -c $(CONFIGURATION) -v quiet -clp:NoSummary
	@touch $@

clean: ## forget everything that was built
	@rm -rf $(STATE) Directory.Build.local.props && find src tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
