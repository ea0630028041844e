"""The memory that the container of each service may take, and who holds a process to it."""

import contextlib
import os
import pathlib
import re
import signal

COMPOSE = pathlib.Path(__file__).resolve().parents[3] / "docker" / "compose.yaml"
UNITS = {"m": 1 << 20, "g": 1 << 30}


def container_limits():
    """Bytes by service, as docker/compose.yaml has them. Line by line: Python's library reads no YAML."""
    limits, service = {}, None
    for line in COMPOSE.read_text().partition("\nservices:\n")[2].splitlines():
        if match := re.match(r"  ([a-z-]+):$", line):
            service = match[1]
        elif service and (match := re.search(r"limits: \{.*\bmemory: (\d+)([mg])\b", line)):
            limits[service] = int(match[1]) * UNITS[match[2]]
    return limits


class Groups:
    """A control group for every process, as a container has one, where the kernel lets us make them.

    A service's executable is replaced by a script that makes its group, enters it and becomes the real executable, so
    that no page of the process is counted elsewhere.
    """

    # Of version 1 and version 2: the folder of groups, the file of the limit, the file that counts kills.
    VERSIONS = [
        (pathlib.Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.oom_control"),
        (pathlib.Path("/sys/fs/cgroup"), "memory.max", "memory.events"),
    ]

    def __init__(self):
        for parent, self.limit_file, self.kills_file in self.VERSIONS:
            self.folder = parent / f"temporis-soak-{os.getpid()}"
            try:
                self.folder.mkdir()
                if self.limit_file == "memory.max":
                    (self.folder / "cgroup.subtree_control").write_text("+memory")
                probe = self.folder / "probe"
                probe.mkdir()
                (probe / self.limit_file).write_text(str(64 << 20))
                probe.rmdir()
                return
            except OSError:
                self.remove()
        self.folder = None

    def script(self, service, limit, program):
        """The text of the script that runs a program within the limit."""
        group = f"{self.folder}/{service}-$$"
        return (
            f'#!/bin/sh\nmkdir "{group}" && echo {limit} >"{group}/{self.limit_file}" &&\n'
            f'  echo $$ >"{group}/cgroup.procs" || exit 71\nexec "{program}" "$@"\n')

    def killed(self):
        """How many processes of each service the kernel has ended because of their limit."""
        killed = {}
        for group in self._groups():
            text = (group / self.kills_file).read_text()
            count = int(re.search(r"^oom_kill (\d+)", text, re.MULTILINE)[1])
            service = group.name.rsplit("-", 1)[0]
            killed[service] = killed.get(service, 0) + count
        return {service: count for service, count in killed.items() if count}

    def remove(self):
        for group in [*self._groups(), self.folder]:
            with contextlib.suppress(OSError):
                group.rmdir()

    def _groups(self):
        if not self.folder or not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if path.is_dir()]


def end_if_over(pid, memory, limit):
    """Where there are no groups: ends a process that was seen above its limit, and says whether it was."""
    if memory <= limit:
        return False
    os.kill(pid, signal.SIGKILL)
    return True
