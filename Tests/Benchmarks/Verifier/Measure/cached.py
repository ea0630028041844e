"""Verify of a token that is cached, beside nghttpd and C++ gRPC: as the transport's benchmark measures."""

import statistics
import sys
from contextlib import ExitStack

import h2load
from pinned import CPLUSPLUS, NGHTTPD, Server
from verifier import Verifier

LABELS = {
    "nghttpd": NGHTTPD.label, "auth-verifier": "Verify of a cached token", "cpp": CPLUSPLUS.label,
}


def measure(suite, cores, arguments):
    samples = {name: [] for name in LABELS}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Server(NGHTTPD, cores[0])), stack.enter_context(Verifier(suite.stack, cores[0])),
            stack.enter_context(Server(CPLUSPLUS, cores[0]))]
        for server in servers:
            server.wait_until_listening()
        calls = {server.name: h2load.calls_filling(server, arguments.seconds, cores[-1]) for server in servers}
        for number in range(arguments.rounds):
            for server in servers:
                sample = h2load.apply_load(server, calls[server.name], cores[-1])
                samples[server.name].append(sample)
                print(
                    f"round {number + 1} {server.name:13} {sample.cpu_microseconds:8.2f} us/call"
                    f" {sample.calls_per_second:9.0f}/s", file=sys.stderr)
    return [summary(name, taken) for name, taken in samples.items()]


def summary(name, samples):
    def median(measure):
        return statistics.median(getattr(sample, measure) for sample in samples)

    costs = [sample.cpu_microseconds for sample in samples]
    return {
        "name": name,
        "label": LABELS[name],
        "cpu_microseconds": median("cpu_microseconds"),
        "cpu_microseconds_range": [min(costs), max(costs)],
        "calls_per_second": median("calls_per_second"),
        "p50_milliseconds": median("p50") / 1000,
        "p99_milliseconds": median("p99") / 1000,
    }
