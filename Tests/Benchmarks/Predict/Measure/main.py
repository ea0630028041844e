"""Measures a prediction through the whole suite, and FastAPI with a canned answer of the same size, in turns."""

import argparse
import json
import pathlib
import statistics
import sys
import time
from contextlib import ExitStack

import figures
import machine
import processes
import usage
import wrk
from servers import FastAPI
from suite import POSTGRESQL, Suite

RESULTS = pathlib.Path(__file__).resolve().parents[2] / "Results"
CONNECTIONS = [1, 16]
IDLE_SECONDS = 10
ROUNDS = 5
SECONDS = 5


def main():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run predict", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long each load lasts")
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument(
        "--results", type=pathlib.Path,
        help="the folder for the results; without it they are written to Results by a run of usual length alone")
    arguments = parser.parse_args()
    results = measure(arguments)
    text = figures.table(results)
    print(text)
    folder = arguments.results
    # What is quoted elsewhere isn't replaced by a quick look.
    if not folder and arguments.rounds >= ROUNDS and arguments.seconds >= SECONDS:
        folder = RESULTS
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "predict.json").write_text(json.dumps(results, indent=2) + "\n")
        (folder / "predict.md").write_text(text)
        (folder / "predict.svg").write_text(figures.plot(results))
    if not figures.reaches_all(results):
        sys.exit("A target was missed.")


def measure(arguments):
    with ExitStack() as stack:
        suite = stack.enter_context(Suite(arguments.bin))
        answer = suite.answer()
        servers = [suite, stack.enter_context(FastAPI(answer))]
        # Warms up.
        for server in servers:
            wrk.predict(server, answer, max(CONNECTIONS), arguments.seconds)
        idle = {server.name: measure_idle(server) for server in servers}
        samples = {server.name: {connections: [] for connections in CONNECTIONS} for server in servers}
        for number in range(arguments.rounds):
            for connections in CONNECTIONS:
                for server in servers:
                    sample = wrk.predict(server, answer, connections, arguments.seconds)
                    samples[server.name][connections].append(sample)
                    print(
                        f"round {number + 1} {server.name:8} {connections:2} connections {services_cpu(sample):6.3f} ms"
                        f" {sample.calls_per_second:6.0f}/s", file=sys.stderr)
        return {
            "machine": machine.description(),
            "rounds": arguments.rounds,
            "answer_bytes": len(answer),
            "servers": [summary(server, samples[server.name], idle[server.name]) for server in servers],
        }


def measure_idle(server):
    """What each process takes in a second without a call."""
    # What the last call left to do is done first.
    time.sleep(2)
    _, costs = usage.during(lambda: time.sleep(IDLE_SECONDS), server.groups)
    return {
        name: {
            "cpu_milliseconds_per_second": cost.cpu_seconds * 1000 / IDLE_SECONDS,
            "sleeps_per_second": cost.sleeps / IDLE_SECONDS,
        } for name, cost in costs.items()
    }


def services_cpu(sample):
    return sum(cpu for name, cpu in sample.cpu.items() if name != POSTGRESQL)


def summary(server, samples, idle):
    return {
        "name": server.name,
        "label": server.label,
        "loads": [load_summary(connections, taken) for connections, taken in samples.items()],
        "processes": [
            {"name": name, "memory_bytes": memory(name, pids), "idle": idle[name]}
            for name, pids in server.groups().items()],
    }


def load_summary(connections, samples):
    def median(measure):
        return statistics.median(map(measure, samples))

    costs = [services_cpu(sample) for sample in samples]
    return {
        "connections": connections,
        "cpu_milliseconds": statistics.median(costs),
        "cpu_milliseconds_range": [min(costs), max(costs)],
        "postgresql_cpu_milliseconds": median(lambda sample: sample.cpu.get(POSTGRESQL, 0)),
        "calls_per_second": median(lambda sample: sample.calls_per_second),
        "p50_milliseconds": median(lambda sample: sample.p50),
        "p99_milliseconds": median(lambda sample: sample.p99),
        "processes": {
            name: {
                "cpu_milliseconds": median(lambda sample: sample.cpu[name]),
                "sleeps": median(lambda sample: sample.sleeps[name]),
            } for name in samples[0].cpu
        },
    }


def memory(name, pids):
    """Resident bytes; None for PostgreSQL, whose processes share most of theirs."""
    return None if name == POSTGRESQL else sum(processes.sample(pid).rss for pid in pids)


if __name__ == "__main__":
    main()
