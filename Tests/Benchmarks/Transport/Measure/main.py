"""Measures the servers in turns on the same core, and compares them."""

import argparse
import json
import os
import pathlib
import statistics
import sys
from contextlib import ExitStack

import connections
import h2load
import machine
import report
from pinned import Server
from servers import KINDS

RESULTS = pathlib.Path(__file__).resolve().parents[2] / "Results"
IDLE_CONNECTIONS = 1000
ROUNDS = 5
SECONDS = 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="about how long each server is loaded in a round")
    parser.add_argument("--only", nargs="*", choices=[kind.name for kind in KINDS])
    parser.add_argument(
        "--results", type=pathlib.Path,
        help="the folder for the results; without it they are written to Results by a run of everything alone")
    arguments = parser.parse_args()
    kinds = [kind for kind in KINDS if not arguments.only or kind.name in arguments.only]
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("Two cores are needed: one for the server, one for the load.")

    idle = {kind.name: measure_idle(kind, cores[0]) for kind in kinds}
    samples, memory = measure_load(kinds, cores, arguments)
    results = {
        "machine": machine.description(),
        "rounds": arguments.rounds,
        "servers": [summary(kind, samples[kind.name], memory[kind.name], idle[kind.name]) for kind in kinds],
    }
    text = report.table(results)
    print(text)
    folder = arguments.results
    # What is quoted elsewhere isn't replaced by a quick look at one server.
    if not folder and len(kinds) == len(KINDS) and arguments.rounds >= ROUNDS and arguments.seconds >= SECONDS:
        folder = RESULTS
    if folder:
        folder.mkdir(exist_ok=True)
        (folder / "transport.json").write_text(json.dumps(results, indent=2) + "\n")
        (folder / "transport.md").write_text(text)
        (folder / "transport.svg").write_text(report.plot(results))
    if not report.reaches_all(results):
        sys.exit("A target was missed.")


def measure_idle(kind, core):
    # A server of its own: what a load left behind would hold the connections for nothing.
    with Server(kind, core) as server:
        server.wait_until_listening()
        connections.check(server)
        return connections.idle_connection_kib(server, IDLE_CONNECTIONS)


def measure_load(kinds, cores, arguments):
    samples = {kind.name: [] for kind in kinds}
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(kind, cores[0])) for kind in kinds]
        calls = {}
        for server in servers:
            server.wait_until_listening()
            connections.check(server)
            calls[server.name] = h2load.calls_filling(server, arguments.seconds, cores[-1])
        for number in range(arguments.rounds):
            for server in servers:
                sample = h2load.apply_load(server, calls[server.name], cores[-1])
                samples[server.name].append(sample)
                print(
                    f"round {number + 1} {server.name:8} {sample.cpu_microseconds:8.2f} us/call"
                    f" {sample.calls_per_second:9.0f}/s", file=sys.stderr)
        memory = {server.name: server.memory("VmRSS") for server in servers}
    return samples, memory


def summary(kind, samples, memory, idle):
    def median(name):
        return statistics.median(getattr(sample, name) for sample in samples)

    return {
        "name": kind.name,
        "label": kind.label,
        "cpu_microseconds": median("cpu_microseconds"),
        "cpu_microseconds_range": [
            min(sample.cpu_microseconds for sample in samples), max(sample.cpu_microseconds for sample in samples),
        ],
        "calls_per_second": median("calls_per_second"),
        "p50_microseconds": median("p50"),
        "p99_microseconds": median("p99"),
        "memory_kib": memory,
        "idle_connection_kib": idle,
    }


if __name__ == "__main__":
    main()
