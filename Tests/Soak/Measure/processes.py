"""What the kernel says of a process."""

import os
import pathlib
from dataclasses import dataclass

MIB = 1 << 20


@dataclass
class Sample:
    """One look at a process. Memory is in bytes, CPU in seconds since it began."""

    rss: int
    anonymous: int
    descriptors: int
    threads: int
    cpu: float


def sample(pid):
    """A look at a process; None when it has ended."""
    folder = pathlib.Path(f"/proc/{pid}")
    try:
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        stat = (folder / "stat").read_text()
        # User and system time, counted behind the name, which may hold spaces.
        user, system = stat[stat.rindex(")") + 2:].split()[11:13]
        return Sample(
            _bytes(status["VmRSS"]), _bytes(status["RssAnon"]), len(os.listdir(folder / "fd")), int(status["Threads"]),
            (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"))
    except (OSError, KeyError):
        return None


def variable(pid, name):
    """A variable that a process was started with; None when it has none, or has ended."""
    try:
        pairs = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    prefix = name.encode() + b"="
    return next((pair[len(prefix):].decode() for pair in pairs if pair.startswith(prefix)), None)


def _bytes(text):
    return int(text.split()[0]) * 1024
