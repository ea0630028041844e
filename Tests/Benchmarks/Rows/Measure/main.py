"""Measures a prediction on a source of many rows, and the same on one of few, in turns."""

import argparse
import json
import pathlib
import statistics
import sys
from contextlib import ExitStack

import machine
import wrk
from database import Database
from suite import POSTGRESQL, Suite

CONNECTIONS = 4
FEW = 10_000
MANY = 30_000_000
STEP = 1_000_000
# Seconds from a row to the next: the first of them is of the year 1998.
INTERVAL = 30
ROUNDS = 5
SECONDS = 5
# What a prediction on many rows may cost more.
LIMIT = 1.10
RESULTS = pathlib.Path(__file__).resolve().parents[2] / "Results"


class Source:
    """A source of the stack's demo account with a profile on it, to be asked for predictions."""

    def __init__(self, suite, rows):
        self.suite, self.rows = suite, rows
        self.name = f"rows_{rows}"
        self.label = f"{rows:,} rows"
        self.url, self.token, self.groups = suite.url, suite.token, suite.groups
        self.profile = self.name

    def fill(self, database, end):
        """Adds a row every half minute until `end`, through the triggers that count what ingests add."""
        stack = self.suite.stack
        stack.run("source", "create", self.name)
        account, source = database.ask(
            f"SELECT account_id, id FROM predict.data_source WHERE name = '{self.name}'").split("|")
        for first in range(0, self.rows, STEP):
            last = min(first + STEP, self.rows) - 1
            database.ask(
                "INSERT INTO predict.record (account_id, source_id, name, \"timestamp\", value)"
                f" SELECT '{account}', '{source}', 'load', {end} - {INTERVAL} * ({self.rows} - 1 - row),"
                f" 100 + 10 * sin(row / 229.0) + row % 7 FROM generate_series({first}, {last}) AS row")
        stack.run(
            "profile", "create", self.profile, "--source", self.name, "--names", "load", "--interval", str(INTERVAL),
            "--patch-len", "16", "--num-patches", "32")


def main():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run rows", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long each load lasts")
    parser.add_argument("--rows", type=int, default=MANY, help="the rows of the larger source")
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument("--results", type=pathlib.Path, help="the folder for the results")
    arguments = parser.parse_args()
    results = measure(arguments)
    text = table(results)
    print(text)
    folder = arguments.results
    if not folder and (arguments.rounds, arguments.seconds, arguments.rows) >= (ROUNDS, SECONDS, MANY):
        folder = RESULTS
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rows.json").write_text(json.dumps(results, indent=2) + "\n")
        (folder / "rows.md").write_text(text)
    if results["ratio"] > LIMIT:
        sys.exit("A target was missed.")


def measure(arguments):
    with ExitStack() as stack:
        suite = stack.enter_context(Suite(arguments.bin))
        answer = suite.answer()
        database = Database(suite.stack)
        end = int(database.ask("SELECT extract(epoch FROM date_trunc('minute', now()))::bigint"))
        sources = [Source(suite, FEW), Source(suite, arguments.rows)]
        for source in sources:
            source.fill(database, end)
        # What autovacuum would do, before instead of during the measurement.
        database.ask("VACUUM (ANALYZE) predict.record")
        samples = {source.rows: [] for source in sources}
        for number in range(arguments.rounds + 1):
            for source in sources:
                sample = wrk.predict(source, answer, CONNECTIONS, arguments.seconds)
                # The first round warms up.
                if number:
                    samples[source.rows].append(sample)
        pairs = zip(*samples.values())
        return {
            "machine": machine.description(), "rounds": arguments.rounds,
            "sources": [summary(source, samples[source.rows]) for source in sources],
            "ratio": statistics.median(cpu(many) / cpu(few) for few, many in pairs),
        }


def cpu(sample):
    """Milliseconds for a prediction, PostgreSQL's included."""
    return sum(sample.cpu.values())


def summary(source, samples):
    def median(value):
        return statistics.median(map(value, samples))

    return {
        "rows": source.rows, "cpu_milliseconds": median(cpu),
        "postgresql_cpu_milliseconds": median(lambda sample: sample.cpu[POSTGRESQL]),
        "p50_milliseconds": median(lambda sample: sample.p50), "p99_milliseconds": median(lambda sample: sample.p99),
    }


def table(results):
    lines = [
        f"{results['machine']}. Median of {results['rounds']} rounds, {CONNECTIONS} connections. A row every 30 s; the"
        " prediction reads the newest 512.",
        "",
        "| rows of the source | CPU a prediction, ms | of it PostgreSQL's | p50, ms | p99, ms |",
        "|--:|--:|--:|--:|--:|",
    ]
    for source in results["sources"]:
        lines.append(
            f"| {source['rows']:,} | {source['cpu_milliseconds']:.3f} | {source['postgresql_cpu_milliseconds']:.3f}"
            f" | {source['p50_milliseconds']:.2f} | {source['p99_milliseconds']:.2f} |")
    is_reached = results["ratio"] <= LIMIT
    lines += [
        "", f"CPU on many rows for that on few: {results['ratio']:.3f}x, at most {LIMIT}x:"
        f" {'reached' if is_reached else 'missed'}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
