"""Measures the verification of tokens: cached, not cached, its memory, its share of a prediction, and deletions."""

import argparse
import json
import os
import pathlib
import sys

import cached
import deletions
import figures
import machine
import memory
import misses
import share
from credentials import Credentials
from database import Database
from suite import Suite

RESULTS = pathlib.Path(__file__).resolve().parents[2] / "Results"
PARTS = ["cached", "misses", "memory", "deletions", "share"]
ROUNDS = 5
SECONDS = 3


def main():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run verifier", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="about how long each load lasts in a round")
    parser.add_argument("--only", nargs="*", choices=PARTS)
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument(
        "--results", type=pathlib.Path,
        help="the folder for the results; without it they are written to Results by a run of everything alone")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("Two cores are needed: one for the server, one for the load.")
    parts = measure([part for part in PARTS if not arguments.only or part in arguments.only], cores, arguments)
    results = {"machine": machine.description(), "rounds": arguments.rounds, "parts": parts}
    text = figures.table(results)
    print(text)
    folder = arguments.results
    # What is quoted elsewhere isn't replaced by a quick look.
    is_whole = len(parts) == len(PARTS) and arguments.rounds >= ROUNDS and arguments.seconds >= SECONDS
    if not folder and is_whole:
        folder = RESULTS
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "verifier.json").write_text(json.dumps(results, indent=2) + "\n")
        (folder / "verifier.md").write_text(text)
        (folder / "verifier.svg").write_text(figures.plot(results))
    if not figures.reaches_all(results):
        sys.exit("A target was missed.")


def measure(names, cores, arguments):
    """What each part measures, by its name. Stacks run one at a time: an idle one takes some time of the cores, too."""
    parts = {}
    if {"cached", "misses", "memory"} & set(names):
        with Suite(arguments.bin, arguments=["--plaintext"]) as suite:
            database = Database(suite.stack)
            credentials = Credentials(suite.stack, database)
            if "cached" in names:
                parts["cached"] = cached.measure(suite, cores, arguments)
            if "misses" in names:
                parts["misses"] = misses.measure(suite, database, credentials, arguments)
            if "memory" in names:
                parts["memory"] = memory.measure(suite, credentials)
    if "deletions" in names:
        with Suite(arguments.bin, **deletions.STACK) as suite:
            parts["deletions"] = deletions.measure(suite)
    if "share" in names:
        with Suite(arguments.bin) as suite:
            parts["share"] = share.measure(suite, arguments)
    return parts


if __name__ == "__main__":
    main()
