"""Ends one process of the stack after another with SIGTERM, and watches that no other ends."""

import asyncio
import time
from dataclasses import dataclass

from http1 import Broken, Connection, request

PATIENCE = 120


@dataclass
class Restart:
    """A process that was told to end, in seconds of `time.monotonic`; `end`: when the next one served."""

    slot: str
    begin: float
    end: float | None = None


class Restarts:
    """Every restart of a run so far, and what went wrong with them."""

    def __init__(self, stack):
        self.stack = stack
        self.done = []
        self.failures = []
        self.pids = stack.pids()

    def excuses(self, begin, end):
        """Whether the gateway itself was being started again at some time of a span."""
        return any(
            restart.slot.startswith("api-gateway") and restart.begin <= end and begin <= (restart.end or end)
            for restart in self.done)

    def order(self):
        """One replica of every service after the other, then the second ones, and so on."""
        return sorted(self.stack.slots, key=lambda slot: (int(slot.split()[1]), self.stack.slots.index(slot)))

    async def run(self, interval, until):
        slots, index = self.order(), 0
        while time.monotonic() + interval < until:
            await asyncio.sleep(interval)
            await self.restart(slots[index % len(slots)], until)
            index += 1

    async def restart(self, slot, until):
        pid = self.stack.pids().get(slot)
        if not pid:
            return self.failures.append(f"{slot} wasn't running when it was to be restarted")
        restart = Restart(slot, time.monotonic())
        self.done.append(restart)
        self.stack.terminate(slot, pid)
        while time.monotonic() < restart.begin + PATIENCE:
            await asyncio.sleep(0.1)
            now = self.stack.pids().get(slot)
            if now and now != pid and await self._serves(slot):
                self.pids[slot] = now
                restart.end = time.monotonic()
                return
        self.failures.append(f"{slot} didn't serve within {PATIENCE} s of being restarted")

    def look(self, samples):
        """Compares the processes that run with those that should."""
        current = self.done[-1].slot if self.done and not self.done[-1].end else None
        for slot, expected in list(self.pids.items()):
            now = samples.get(slot, (None,))[0]
            if slot == current or now == expected:
                continue
            if expected:
                self.failures.append(f"{slot} ended by itself")
            self.pids[slot] = now

    async def _serves(self, slot):
        if not slot.startswith("api-gateway"):
            return self.stack.is_listening(slot)
        try:
            return (await Connection(self.stack.gateway).ask(request("GET", "/healthz"))).status == 200
        except (Broken, TimeoutError):
            return False
