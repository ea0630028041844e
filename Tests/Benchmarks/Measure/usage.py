"""What processes have taken so far, as the kernel counts it."""

import os
import pathlib
import time
from dataclasses import dataclass


@dataclass
class Usage:
    """The CPU time of processes, and how often their threads went to sleep, both since the processes began."""

    cpu_seconds: float = 0
    sleeps: int = 0

    def __add__(self, other):
        return Usage(self.cpu_seconds + other.cpu_seconds, self.sleeps + other.sleeps)

    def __sub__(self, other):
        return Usage(self.cpu_seconds - other.cpu_seconds, self.sleeps - other.sleeps)


def during(work, groups):
    """Does the work; returns its result, and the usage of each group of processes meanwhile by the group's name.

    `groups` returns the pids of each group by its name.
    """
    before = _of_groups(groups())
    result = work()
    after = _of_groups(groups())
    return result, {name: after[name] - before[name] for name in before}


def _of_groups(groups):
    return {name: sum(map(_of_process, pids), Usage()) for name, pids in groups.items()}


def _of_process(pid):
    try:
        # The clock of clock_getcpuclockid(3): utime and stime of /proc, in nanoseconds instead of ticks.
        cpu = time.clock_gettime(~pid << 3 | 2)
        return Usage(cpu + _ended_children_seconds(pid), sum(map(_sleeps, _threads(pid))))
    except OSError:
        # It has ended; its parent has its time now.
        return Usage()


def _ended_children_seconds(pid):
    """PostgreSQL starts processes that end again, such as its autovacuum workers."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    user, system = text[text.rindex(")") + 2:].split()[13:15]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _threads(pid):
    return pathlib.Path(f"/proc/{pid}/task").iterdir()


def _sleeps(thread):
    """Voluntary context switches: each is a sleep that a wake-up ends."""
    try:
        lines = (thread / "status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:"))
