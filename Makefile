CONFIGURATION := release
# Products are named because a plain `swift build` also compiles every plugin of every dependency, protoc included.
PRODUCTS := token-service auth-verifier predict-service api-gateway temporis
# Across modules, or GRPCCore's generic code would look up types at run time for every call.
BUILD := swift build -c $(CONFIGURATION) -Xswiftc -cross-module-optimization
TEST := swift test -c $(CONFIGURATION) --skip-build
# Tests that run at the same time, at most: of those that start processes or load the machine, and of the others. More
# would only wait for a processor until somebody's time is up.
BUSY := --experimental-maximum-parallelization-width 6
QUIET := --experimental-maximum-parallelization-width 16
SOURCES := Package.swift Sources Tests

# The time for each fuzzer, in seconds.
FUZZ_SECONDS := 20
# The time of the soak, in minutes.
SOAK_MINUTES := 60

# `make test SUITE=GatewayTests` runs one suite, `make test FILTER=TokenBucket` what a regular expression matches.
ifdef SUITE
FILTER := ^$(SUITE)\.
endif

.DEFAULT_GOAL := help
.PHONY: help run build test test-build check format fuzz interop conformance restarts moves soak leak attack load chaos \
  mutations benchmark clean

help: ## lists these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: build ## installs what is missing, builds, and starts the local stack; ARGUMENTS="--gateway-port 9000"
	exec "$$($(BUILD) --show-bin-path)/temporis" up $(ARGUMENTS)

build: ## builds the executables
	@.ci/setup run
	@for product in $(PRODUCTS); do $(BUILD) --product $$product || exit 1; done

ifdef FILTER
test: test-build
	$(TEST) --filter '$(FILTER)' $(BUSY)
else
# The simulation and the transport's tests, which load the machine on purpose, and the real executables by themselves:
# beside everything else on a small machine the others would wait for a processor until their time is up.
test: check test-build ## checks and tests everything; SUITE=GatewayTests one suite, FILTER=REGEX some tests
	$(TEST) --skip '^(GRPCNghttp2TransportTests|SystemTests|ContractTests)\.|RevocationSimulationTests' $(QUIET)
	$(TEST) --filter '^TokenDomainTests\.RevocationSimulationTests'
	$(TEST) --filter '^GRPCNghttp2TransportTests\.' $(BUSY)
	$(TEST) --filter '^SystemTests\.' $(BUSY)
	$(TEST) --filter '^ContractTests\.' $(BUSY)
endif

test-build: build
	@.ci/setup test
	$(BUILD) --product measured-server
	$(BUILD) --product temporisPackageTests

check: ## checks format, rules of the house and generated code
	@.ci/setup test
	swift format lint --strict --parallel --recursive $(SOURCES)
	.ci/lint
	Protos/generate.sh --check

format: ## rewrites the sources in the project's format
	swift format --in-place --parallel --recursive $(SOURCES)

fuzz: ## fuzzes what reads a peer's bytes, for FUZZ_SECONDS (20) each
	@.ci/setup test
	Tests/Fuzzing/run $(FUZZ_SECONDS)

# A package of its own, so that nothing else builds other people's transport; unoptimised, as that builds fastest.
interop: ## runs gRPC's interoperability tests between our transport and other people's
	@.ci/setup test
	swift run --package-path Tests/InteropTests interop

conformance: ## runs the public HTTP/2 conformance suite on our server; wants h2spec
	Tests/InteropTests/conformance

restarts: ## restarts servers fifty times under 2,000 calls a second; wants a quiet machine
	@.ci/setup test
	$(BUILD) --product temporisPackageTests
	TEMPORIS_RESTARTS=50 TEMPORIS_RESTART_RATE=2000 $(TEST) --filter '^GRPCNghttp2TransportTests\.RestartTests'

moves: ## makes a million calls over connections that live for a fifth of a second
	@.ci/setup test
	$(BUILD) --product temporisPackageTests
	TEMPORIS_MOVES=1000000 $(TEST) --filter '^GRPCNghttp2TransportTests\.ConnectionAgeTests'

soak: build ## runs the stack for SOAK_MINUTES (60) under mixed calls and restarts, and watches its memory
	Tests/Soak/run --minutes $(SOAK_MINUTES)

leak: build ## makes 200,000 calls of each kind, and measures what each process keeps of them
	Tests/Soak/leak

attack: build ## measures an honest client's latency beside hostile ones
	Tests/Soak/attack

load: build ## measures an honest account's calls beside another's that has as much of everything as it may
	Tests/Soak/load

chaos: build ## deletes 10,000 tokens while processes are killed, paused and cut off; wants root
	Tests/Soak/chaos

mutations: ## removes each rule of revocation in turn, and has the simulation find what that breaks
	@.ci/setup test
	Tests/Mutations/run

benchmark: ## compares the transport with others, SUITE=predict a prediction, rows many rows, verifier tokens; wants a quiet machine
	Tests/Benchmarks/run $(SUITE)
# These go through the executables.
ifneq ($(filter predict ingest rows verifier,$(SUITE)),)
benchmark: build
endif

clean: ## removes what was built
	swift package clean
