"""Whether a process keeps memory of calls that are over."""

import argparse
import pathlib
import statistics
import sys
import time
from dataclasses import dataclass

import load
import traffic
from processes import MIB
from stack import Stack

CALLS = 200_000
WARM_UP = 20_000
ALLOWED_MIB = 5
# A millisecond for every ingest: no other kind of call here is one.
# And no pause before the many 401 answers, each of which is a look-up: one client has as many as it likes.
SETTINGS = {
    "TEMPORIS_INGEST_TIMEOUT": "0.001", "TEMPORIS_REFUSAL_RATE": "0", "TEMPORIS_FAILED_ATTEMPTS_PER_MINUTE": "0"}


@dataclass
class Kind:
    """What is called, how the calls may end, and how most of them must."""

    name: str
    work: str
    statuses: set
    usual: str


KINDS = [
    Kind("valid", "valid", {"200"}, "200"),
    Kind("junk token", "junk", {"401"}, "401"),
    Kind("refused", "refused", {"404"}, "404"),
    Kind("cancelled", "cancelled", {"none"}, "none"),
    # Where the service's own call of another one ends first, it says UNAVAILABLE.
    Kind("timed out, gRPC", "timed_out", {"0", "4", "14"}, "4"),
    Kind("timed out, gateway", "timed_out_in_gateway", {"204", "502"}, "502"),
]


def measure(stack, kind, calls):
    """The anonymous memory of every process before, right after and ten seconds after the calls, and how they ended."""
    target = load.Target.of(stack)
    before = warm_up(stack, target, kind, min(calls, WARM_UP))
    statuses, rate = load.run(target, kind.work, calls)
    after = memory(stack)
    time.sleep(10)
    return {"before": before, "after": after, "later": memory(stack), "statuses": statuses, "rate": rate}


def warm_up(stack, target, kind, calls):
    """Calls until what a process grows by at first is there: buffers, connections, the allocator's arenas.

    Repeated up to three times while a process still grows by a MiB, and not more often: a leak grows for ever.
    """
    last = None
    for _ in range(3):
        load.run(target, kind.work, calls)
        time.sleep(10)
        now = memory(stack)
        if last and all(now[slot] - last[slot] < MIB for slot in now):
            break
        last = now
    return now


def memory(stack):
    """The anonymous memory of every process: the median of five looks within two seconds."""
    looks = {}
    for _ in range(5):
        for slot, (_, sample) in stack.samples().items():
            looks.setdefault(slot, []).append(sample.anonymous)
        time.sleep(0.5)
    return {slot: statistics.median(values) for slot, values in looks.items()}


def rows(kind, measured, calls):
    """A line for every process."""
    for slot, before in measured["before"].items():
        growth = (measured["later"][slot] - before) / MIB
        a_call = max(measured["later"][slot] - before, 0) / calls
        yield (
            f"| {kind.name} | {slot.split()[0]} | {before / MIB:.1f} | {measured['after'][slot] / MIB:.1f}"
            f" | {measured['later'][slot] / MIB:.1f} | {growth:+.1f} | {a_call:.0f} |"
            f" {'flat' if growth <= ALLOWED_MIB else 'GROWS'} |")


def problems(kind, measured, calls):
    for slot, before in measured["before"].items():
        growth = (measured["later"].get(slot, before) - before) / MIB
        if growth > ALLOWED_MIB:
            yield f"{kind.name}: {slot} grew by {growth:.1f} MiB"
    statuses = measured["statuses"]
    if set(statuses) - kind.statuses or statuses[kind.usual] < calls / 2:
        yield f"{kind.name}: the calls ended so: {dict(statuses)}"


def run(kind, arguments):
    """Prints the rows of a kind; returns what is wrong.

    On a stack of its own: what an earlier kind left behind and gave back since would hide what this one keeps.
    """
    with Stack(arguments.bin, settings=SETTINGS) as stack:
        stack.run("source", "create", traffic.SOURCE)
        pids = stack.pids()
        measured = measure(stack, kind, arguments.calls)
        print(*rows(kind, measured, arguments.calls), sep="\n", flush=True)
        print(f"{kind.name}: {measured['rate']:,.0f}/s, {dict(measured['statuses'])}", file=sys.stderr)
        found = list(problems(kind, measured, arguments.calls))
        return found if stack.pids() == pids else [*found, f"{kind.name}: a process ended"]


def main():
    parser = argparse.ArgumentParser(prog="Tests/Soak/leak", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument("--only", nargs="*", choices=[kind.work for kind in KINDS])
    arguments = parser.parse_args()
    failures = []
    print(
        "| calls | process | anonymous MiB before | right after | 10 s later | growth | bytes a call | |\n"
        "|---|---|--:|--:|--:|--:|--:|---|", flush=True)
    for kind in KINDS:
        if not arguments.only or kind.work in arguments.only:
            failures += run(kind, arguments)
    for failure in failures:
        print(f"- FAILED: {failure}")
    if failures:
        sys.exit("Something is kept of calls that are over.")


if __name__ == "__main__":
    main()
