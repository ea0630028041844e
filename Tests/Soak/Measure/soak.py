"""An hour of mixed traffic on the real stack, while one of its processes after another is started again."""

import argparse
import asyncio
import json
import pathlib
import re
import sys
import time
from dataclasses import asdict

import limits
import plot
import report
import steady
import traffic
from money import Money
from restarts import Restarts
from stack import PACKAGE, Stack
from tally import Tally

RESULTS = PACKAGE / "Tests" / "Soak" / "Results"
FULL = 60
SAMPLE_INTERVAL = 5
# How long the calls of a connection that is too old may go on: longer than the slowest reader here takes.
GRACE = 30


class Run:
    """One soak: the stack, its clients and what they saw."""

    def __init__(self, stack, minutes, restart_interval):
        self.stack, self.restart_interval = stack, restart_interval
        self.address, self.token, self.session = stack.gateway, stack.ready["token"], stack.ready["session"]
        self.restarts = Restarts(stack)
        self.tally = Tally(self.restarts.excuses)
        self.money = Money()
        self.begin = self.tally.begin
        self.end = self.begin + minutes * 60
        self.points = {slot: [] for slot in stack.slots}
        self.births = {}
        self.failures = self.restarts.failures

    async def go(self):
        clients = [traffic.work(self, kind, self.end) for kind in traffic.KINDS for _ in range(kind.clients)]
        sampling = asyncio.create_task(self._sample())
        await asyncio.gather(self.restarts.run(self.restart_interval, self.end), *clients)
        await sampling

    async def _sample(self):
        while time.monotonic() < self.end:
            looks = self.stack.samples()
            now = time.monotonic()
            for slot, (pid, sample) in looks.items():
                age = now - self.births.setdefault(pid, now)
                self.points[slot].append(steady.Point(now - self.begin, age, **asdict(sample)))
                limit = self.stack.limits[slot.split()[0]]
                if not self.stack.groups.folder and limits.end_if_over(pid, sample.rss, limit):
                    self.failures.append(f"{slot} took {sample.rss >> 20} MiB, which is more than its container may")
            self.restarts.look(looks)
            await asyncio.sleep(SAMPLE_INTERVAL)

    def by_service(self):
        points = {}
        for slot, taken in self.points.items():
            points.setdefault(slot.split()[0], []).extend(taken)
        return points


def measure(arguments):
    settings = {
        "TEMPORIS_MAX_CONNECTION_AGE": f"{arguments.connection_age:g}", "TEMPORIS_MAX_CONNECTION_AGE_GRACE": f"{GRACE}"}
    with Stack(arguments.bin, "verifier=2,token=2,predict=2", settings) as stack:
        stack.run("source", "create", traffic.SOURCE)
        billed = stack.billed()
        month = time.gmtime().tm_mon
        run = Run(stack, arguments.minutes, arguments.restart_every)
        minutes = arguments.minutes
        try:
            asyncio.run(run.go())
            billed = stack.billed() - billed if month == time.gmtime().tm_mon else None
        except KeyboardInterrupt:
            run.failures.append("The soak was interrupted.")
            minutes = (time.monotonic() - run.begin) / 60
            # Nobody knows of the calls in flight.
            billed = None
        run.failures += [f"{service}: {count} killed at its limit" for service, count in stack.groups.killed().items()]
        results = report.gather(run, billed, minutes)
        if results["failures"]:
            print(f"The services' logs: {stack.keep_logs()}", file=sys.stderr)
    return results


def main():
    parser = argparse.ArgumentParser(prog="Tests/Soak/run", description=__doc__)
    parser.add_argument("--minutes", type=float, default=FULL)
    parser.add_argument("--restart-every", type=float, default=60, metavar="SECONDS")
    parser.add_argument(
        "--connection-age", type=float, default=5, metavar="SECONDS",
        help="how old a connection between the services becomes")
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument(
        "--results", type=pathlib.Path,
        help="the folder for the results; without it they are written to Results by a run of an hour or longer")
    arguments = parser.parse_args()
    results = measure(arguments)
    text = report.table(results)
    print(text)
    # What is quoted elsewhere isn't replaced by a quick look.
    folder = arguments.results or (RESULTS if results["minutes"] >= FULL else None)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1)
        # A list of numbers is a line.
        text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda match: f"[{' '.join(match[1].split())}]", text)
        (folder / "soak.json").write_text(text + "\n")
        (folder / "soak.md").write_text(text)
        (folder / "soak.svg").write_text(plot.plot(results))
    if results["failures"]:
        sys.exit("The soak failed.")


if __name__ == "__main__":
    main()
