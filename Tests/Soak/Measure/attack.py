"""What an attack on the stack, or another account that has as much as it may, does to somebody's calls."""

import argparse
import asyncio
import dataclasses
import json
import pathlib
import sys
import time
from dataclasses import dataclass, field

import load
import neighbours
import traffic
from attackers import ATTACKS, Attack
from processes import MIB
from stack import SERVICES, Stack

SECONDS = 20
SETTLING = 5
ALLOWED = 3
# What the honest client does, and how often in a second.
RATES = {"valid": 20, "verify": 50, "ingest": 5}
EXPECTED = {"valid": "200", "verify": "0", "ingest": "204"}


@dataclass
class Seen:
    """What the honest client saw in one stretch, and the most that each service took."""

    times: dict = field(default_factory=lambda: {work: [] for work in RATES})
    failures: dict = field(default_factory=dict)
    peaks: dict = field(default_factory=dict)

    def __add__(self, other):
        """Both stretches as one; for the times alone, and for what failed."""
        return Seen({work: self.times[work] + other.times[work] for work in RATES}, self.failures | other.failures)

    def percentile(self, work, share):
        times = sorted(self.times[work])
        return times[int(len(times) * share)] if times else float("inf")


class Honest:
    """A client that calls at a fixed rate, however long the answers take."""

    def __init__(self, stack, target):
        self.stack, self.target = stack, target
        self.idle = {work: [] for work in RATES}

    def watch(self, seconds):
        return asyncio.run(self._watch(seconds))

    async def _watch(self, seconds):
        seen = Seen()
        until = time.monotonic() + seconds
        await asyncio.gather(self._sample(seen, until), *(self._call(work, seen, until) for work in RATES))
        for callers in self.idle.values():
            while callers:
                callers.pop().close()
        return seen

    async def _call(self, work, seen, until):
        due, calls = time.monotonic(), set()
        while due < until:
            await asyncio.sleep(max(0, due - time.monotonic()))
            # Its time counts from when it was due: a client that waits for others is one that waits.
            calls.add(asyncio.create_task(self._call_once(work, seen, due)))
            due += 1 / RATES[work]
        await asyncio.gather(*calls)

    async def _call_once(self, work, seen, due):
        caller = self.idle[work].pop() if self.idle[work] else load.Caller(self.target)
        try:
            status = await getattr(caller, work)()
        except (OSError, TimeoutError) as error:
            status = type(error).__name__
        if status == EXPECTED[work]:
            seen.times[work].append(time.monotonic() - due)
        else:
            seen.failures[f"{work}: {status}"] = seen.failures.get(f"{work}: {status}", 0) + 1
        self.idle[work].append(caller)

    async def _sample(self, seen, until):
        while time.monotonic() < until:
            for service, memory in memories(self.stack).items():
                seen.peaks[service] = max(memory, seen.peaks.get(service, 0))
            await asyncio.sleep(0.5)


def memories(stack):
    return {slot.split()[0]: sample.rss for slot, (_, sample) in stack.samples().items()}


def attacker(stack, furnish):
    """The attacker's own account, with data, a profile and a card, as anybody may have one: its token and session."""
    password = stack.folder / "password"
    password.write_text("a long sentence that nobody guesses")
    rows = stack.folder / "rows.csv"
    now = int(time.time()) // 3600
    rows.write_text("".join(f"{(now - hour) * 3600},orders,{hour % 24}\n" for hour in range(600)))
    created = stack.run(
        "account", "create", "--email", "mallory@example.com", "--password-file", str(password), "--json")
    session = stack.folder / "session"
    session.write_text(json.loads(created)["session"])
    own = ["--session-file", str(session)]
    stack.run("source", "create", "rows", *own)
    stack.run("ingest", str(rows), "--source", "rows", *own)
    stack.run("profile", "create", "hourly_orders", "--source", "rows", "--names", "orders", "--interval", "3600", *own)
    stack.run("card", "set", "pm_card_visa", *own)
    furnish(stack, own)
    token = json.loads(stack.run("token", "create", "--name", "attack", "--json", *own))["token"]
    return {"token": token, "session": session.read_text()}


def row(name, outcomes, seen, quiet, after, problems):
    cells = [f"{outcomes[0]:,}, {outcomes[1]:,}"]
    for work in RATES:
        cells += [
            f"{quiet.percentile(work, 0.5) * 1000:.1f}, {quiet.percentile(work, 0.99) * 1000:.1f}",
            f"{seen.percentile(work, 0.5) * 1000:.1f}, {seen.percentile(work, 0.99) * 1000:.1f}",
            f"{ratio(seen, quiet, work):.1f}x"]
    cells += [
        f"{seen.peaks.get(service, 0) / MIB:.0f}, {after[service] / MIB:.0f}" if service in after else "gone"
        for service in SERVICES]
    return f"| {name} | {' | '.join(cells)} | {'; '.join(problems) or 'held'} |"


def ratio(seen, quiet, work):
    return seen.percentile(work, 0.99) / quiet.percentile(work, 0.99)


def judge(seen, quiet, pids, pids_now, allowed):
    """What is wrong with a stretch of time."""
    for work in RATES:
        if ratio(seen, quiet, work) > allowed:
            yield f"p99 of {work} {ratio(seen, quiet, work):.1f}x"
    for failure, count in (seen.failures | quiet.failures).items():
        yield f"{count} x {failure}"
    for slot, pid in pids.items():
        if pids_now.get(slot) != pid:
            yield f"{slot} ended"


def main():
    parser = argparse.ArgumentParser(prog="Tests/Soak/attack", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--bin", type=pathlib.Path, help="the folder of the executables; default: .build/release")
    parser.add_argument("--neighbours", action="store_true", help="another account's own calls in place of attacks")
    parser.add_argument("--only", nargs="*", choices=[attack.__name__ for attack in ATTACKS + neighbours.NEIGHBOURS])
    arguments = parser.parse_args()
    attacks, allowed, furnish = ATTACKS, ALLOWED, lambda stack, own: None
    if arguments.neighbours:
        # They may have the processors, which are shared fairly, and so all take longer.
        attacks, allowed, furnish = neighbours.NEIGHBOURS, float("inf"), neighbours.furnish
    failed = False
    with Stack(arguments.bin) as stack:
        target = load.Target.of(stack)
        stack.run("source", "create", traffic.SOURCE)
        theirs = dataclasses.replace(target, **attacker(stack, furnish))
        honest = Honest(stack, target)
        honest.watch(5)
        quiet = honest.watch(arguments.seconds)
        print(heading(), flush=True)
        for attack in attacks:
            if arguments.only and attack.__name__ not in arguments.only:
                continue
            pids = stack.pids()
            with Attack(attack, theirs, arguments.seconds) as attacking:
                seen = honest.watch(arguments.seconds)
            time.sleep(SETTLING)
            after = memories(stack)
            quiet_again = honest.watch(arguments.seconds)
            around = quiet + quiet_again
            problems = list(judge(seen, around, pids, stack.pids(), allowed))
            failed = failed or bool(problems)
            name = attack.__name__.replace("_", " ")
            print(row(name, attacking.outcomes, seen, around, after, problems), flush=True)
            quiet = quiet_again
    if failed:
        sys.exit("An attack was felt.")


def heading():
    cells = ["attack", "carried out, ended by the services"]
    for work in ("prediction", "verify", "ingest"):
        cells += [f"{work} in quiet: p50, p99, ms", f"{work} under it", "p99 to quiet"]
    cells += [f"{service}: RSS at most, after, MiB" for service in SERVICES]
    return f"| {' | '.join(cells)} | |\n|---|{'--:|' * (len(cells) - 1)}---|"


if __name__ == "__main__":
    main()
