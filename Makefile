# make run    everything on this machine: installs what is missing, builds, starts the local stack
# make test   every check and test
# make fuzz   fuzzes the transport for SECONDS (20) each
# make interop   our gRPC transport with other people's: each case of gRPC's interoperability tests, as a table
# make conformance   the public HTTP/2 conformance suite on our server; wants h2spec
# make restarts   fifty restarts of servers under 2,000 calls a second, in six manners; wants a quiet machine
# make moves  a million calls over connections that live for a fifth of a second
# make soak   the stack under mixed calls and restarts for MINUTES (60), with its memory
# make leak   200,000 calls of each kind, and what each process keeps of them
# make attack an honest client's latency beside hostile ones
# make benchmark  compares the transport with others; wants a quiet machine
# make format rewrites the sources in the project's format

CONFIGURATION := release
# Products are named because a plain `swift build` also compiles every plugin of every dependency, protoc included.
PRODUCTS := token-service auth-verifier predict-service api-gateway temporis
# Across modules, or GRPCCore's generic code would look up types at run time for every call.
BUILD := swift build -c $(CONFIGURATION) -Xswiftc -cross-module-optimization
SOURCES := Package.swift Sources Tests

# How long each fuzzer runs.
SECONDS := 20

# How long the soak runs.
MINUTES := 60

.PHONY: run build test check fuzz interop conformance restarts moves soak leak attack benchmark format clean

run: build
	exec "$$($(BUILD) --show-bin-path)/temporis" up $(ARGUMENTS)

build:
	@.ci/setup run
	@for product in $(PRODUCTS); do $(BUILD) --product $$product || exit 1; done

test: check build
	$(BUILD) --product measured-server
	$(BUILD) --product temporisPackageTests
	# The transport's tests, which load the machine on purpose, and the real executables by themselves: beside everything
	# else on a small machine the others would wait for a processor until their time is up.
	swift test -c $(CONFIGURATION) --skip-build --skip '^(GRPCNghttp2TransportTests|SystemTests|ContractTests)\.'
	swift test -c $(CONFIGURATION) --skip-build --filter '^GRPCNghttp2TransportTests\.' \
	  --experimental-maximum-parallelization-width 6
	swift test -c $(CONFIGURATION) --skip-build --filter '^SystemTests\.' --experimental-maximum-parallelization-width 6
	swift test -c $(CONFIGURATION) --skip-build --filter '^ContractTests\.'
	Tests/Soak/leak --calls 8000 --only junk
	$(MAKE) fuzz
	$(MAKE) interop

fuzz:
	@.ci/setup test
	Tests/Fuzzing/run $(SECONDS)

# A package of its own, so that nothing else builds other people's transport; unoptimised, as that builds fastest.
interop:
	@.ci/setup test
	swift run --package-path Tests/InteropTests interop

conformance:
	Tests/InteropTests/conformance

restarts:
	@.ci/setup test
	$(BUILD) --product temporisPackageTests
	TEMPORIS_RESTARTS=50 TEMPORIS_RESTART_RATE=2000 \
	  swift test -c $(CONFIGURATION) --skip-build --filter '^GRPCNghttp2TransportTests\.RestartTests'

moves:
	@.ci/setup test
	$(BUILD) --product temporisPackageTests
	TEMPORIS_MOVES=1000000 \
	  swift test -c $(CONFIGURATION) --skip-build --filter '^GRPCNghttp2TransportTests\.ConnectionAgeTests'

soak: build
	Tests/Soak/run --minutes $(MINUTES)

leak: build
	Tests/Soak/leak

attack: build
	Tests/Soak/attack

benchmark:
	Tests/Benchmarks/run

check:
	@.ci/setup test
	swift format lint --strict --parallel --recursive $(SOURCES)
	.ci/lint
	Protos/generate.sh --check

format:
	swift format --in-place --parallel --recursive $(SOURCES)

clean:
	swift package clean
