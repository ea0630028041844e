"""Measures ingests of 100,000 rows through the gateway, and the same rows put in by one INSERT, in turns."""

import argparse
import asyncio
import json
import pathlib
import statistics
import sys
import time
from contextlib import ExitStack

import http1
import machine
import processes
from database import Database
from suite import POSTGRESQL, Suite

ROWS = 100_000
SERIES = 10
CALLS = 4
ROUNDS = 7
# What an ingest may take of the statement's pace.
LIMIT = 0.75
RESULTS = pathlib.Path(__file__).resolve().parents[2] / "Results"


class Rows:
    """Rows that nobody has sent yet, a batch after another."""

    def __init__(self):
        self.end = int(time.time()) - 86_400

    def next(self):
        """The timestamp of the batch's first row; each timestamp has a row of every series."""
        self.end -= ROWS // SERIES
        return self.end


def main():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run ingest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument("--results", type=pathlib.Path, help="the folder for the results")
    arguments = parser.parse_args()
    results = measure(arguments)
    text = table(results)
    print(text)
    folder = arguments.results or (RESULTS if arguments.rounds >= ROUNDS else None)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ingest.json").write_text(json.dumps(results, indent=2) + "\n")
        (folder / "ingest.md").write_text(text)
    if results["ratio"] < LIMIT:
        sys.exit("A target was missed.")


def measure(arguments):
    with ExitStack() as stack:
        suite = stack.enter_context(Suite(arguments.bin))
        database = Database(suite.stack)
        for name in ["by_gateway", "by_statement"]:
            suite.stack.run("source", "create", name)
        account, source = database.ask(
            "SELECT account_id, id FROM predict.data_source WHERE name = 'by_statement'").split("|")
        by_gateway, by_statement = Rows(), Rows()
        pace = {"gateway": [], "statement": []}
        memory = []
        for number in range(arguments.rounds + 1):
            requests = [request(suite.token, by_gateway.next()) for _ in range(CALLS)]
            gateway = ROWS * CALLS / seconds(lambda: send(suite, requests))
            statement = ROWS * CALLS / seconds(
                lambda: [database.ask(insert(account, source, by_statement.next())) for _ in range(CALLS)])
            memory.append({name: sum(processes.sample(pid).rss for pid in pids) / (1 << 20)
                           for name, pids in suite.groups().items() if name != POSTGRESQL})
            # The first round warms up.
            if number:
                pace["gateway"].append(gateway)
                pace["statement"].append(statement)
                print(f"round {number}: {gateway:,.0f} and {statement:,.0f} rows/s", file=sys.stderr)
        return {
            "machine": machine.description(), "rounds": arguments.rounds,
            "rows_per_second": {name: statistics.median(paces) for name, paces in pace.items()},
            "ratio": statistics.median(one / other for one, other in zip(*pace.values())),
            "memory_mib": {name: [memory[1][name], memory[-1][name]] for name in memory[0]},
        }


def request(token, first):
    """An ingest as JSON, made before the clock runs."""
    records = [
        {"timestamp": first + row // SERIES, "name": f"s{row % SERIES}", "value": row * 0.25} for row in range(ROWS)]
    body = json.dumps({"data_source": "by_gateway", "records": records}, separators=(",", ":")).encode()
    return http1.request("POST", "/v1/data_sources/ingest", [("Authorization", f"Bearer {token}")], body)


def send(suite, requests):
    async def send_all():
        connection = http1.Connection(suite.stack.gateway)
        for data in requests:
            response = await connection.ask(data)
            if response.status != 204:
                raise SystemExit(f"An ingest was answered with status {response.status}")
        connection.close()

    asyncio.run(send_all())


def insert(account, source, first):
    """The statement of an ingest without the rest, on rows that the server makes itself."""
    return (
        'INSERT INTO predict.record AS o (account_id, source_id, name, "timestamp", value)'
        f" SELECT '{account}', '{source}', 's' || row % {SERIES}, {first} + row / {SERIES}, row * 0.25"
        f" FROM generate_series(0, {ROWS} - 1) AS row ORDER BY row % {SERIES}, row"
        ' ON CONFLICT (account_id, source_id, name, "timestamp") DO UPDATE SET value = excluded.value'
        " WHERE o.value IS DISTINCT FROM excluded.value")


def seconds(work):
    start = time.monotonic()
    work()
    return time.monotonic() - start


def table(results):
    pace, memory = results["rows_per_second"], results["memory_mib"]
    lines = [
        f"{results['machine']}. Median of {results['rounds']} rounds of {CALLS} calls with {ROWS:,} new rows each, one"
        " after another.",
        "",
        f"Through the gateway {pace['gateway']:,.0f} rows/s, by the bare INSERT {pace['statement']:,.0f} rows/s:"
        f" {results['ratio']:.2f}x, at least {LIMIT}x: {'reached' if results['ratio'] >= LIMIT else 'missed'}.",
        "",
        "| process | MiB after the first round | after the last |",
        "|---|--:|--:|",
    ]
    lines += [f"| {name} | {first:.0f} | {last:.0f} |" for name, (first, last) in memory.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
