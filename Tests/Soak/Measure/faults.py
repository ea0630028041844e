"""What happens to the processes of a stack: they are killed, paused, and cut off."""

import os
import random
import re
import signal
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Fault:
    """Something that was done to a process, in seconds of `time.monotonic`."""

    kind: str
    slot: str
    begin: float
    end: float


def prepare_network():
    """Makes this process's own network namespace one in which traffic can be cut by rules."""
    run("ip", "link", "set", "lo", "up")
    # The kernel looks at the local addresses first, unless that rule comes after those that cut.
    run("ip", "rule", "add", "pref", "100", "lookup", "local")
    run("ip", "rule", "del", "pref", "0")


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class Faults:
    """Does one thing after another to the processes of a stack, as a generator of random numbers says."""

    def __init__(self, stack, seed):
        self.stack = stack
        self.random = random.Random(seed)
        self.done = []
        self.is_over = False

    def run(self):
        kinds = [self.kill, self.pause, self.pause, self.cut_connections, self.cut_off]
        while not self.is_over:
            time.sleep(self.random.uniform(0.2, 2.0))
            service = self.random.choices(["auth-verifier", "token-service"], [3, 1])[0]
            slots = {slot: pid for slot, pid in self.stack.pids().items() if slot.startswith(service)}
            if slots:
                slot = self.random.choice(sorted(slots))
                fault = Fault(self.random.choice(kinds).__name__, slot, time.monotonic(), float("inf"))
                self.done.append(fault)
                getattr(self, fault.kind)(slot, slots[slot])
                fault.end = time.monotonic()

    def during(self, service, begin, end):
        """Whether something was done to a process of a service, or was still being mended, in a span."""
        return any(fault.slot.startswith(service) and fault.begin <= end and begin <= fault.end for fault in self.done)

    def kill(self, slot, pid):
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            time.sleep(0.1)
            if self.stack.pids().get(slot) not in (None, pid) and self.stack.is_listening(slot):
                return

    def pause(self, slot, pid):
        """Stops a process for longer than its lease, or for less."""
        try:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.random.choice([0.1, 0.5, 1.0, 1.9, 2.1, 3.0, 4.0]))
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def cut_connections(self, slot, pid):
        """Cuts the connections that a process has now to the database's side of the suite; new ones are not."""
        self.blackhole([("sport", port) for port in outgoing_ports(pid)])

    def cut_off(self, slot, pid):
        """Cuts a process off from everybody who connects to it."""
        self.blackhole([("dport", self.stack.address(slot)[1])])

    def blackhole(self, selectors):
        rules = []
        for side, port in selectors[:16]:
            other = "sport" if side == "dport" else "dport"
            rules += [["ipproto", "tcp", side, str(port)], ["ipproto", "tcp", other, str(port)]]
        for rule in rules:
            run("ip", "rule", "add", "pref", "5", *rule, "blackhole")
        time.sleep(self.random.uniform(0.2, 4.0))
        for _ in rules:
            run("ip", "rule", "del", "pref", "5")


def outgoing_ports(pid):
    """The local ports of the connections that a process has opened."""
    listed = subprocess.run(["ss", "-Htnp", "state", "established"], capture_output=True, text=True).stdout
    listening = subprocess.run(["ss", "-Htln"], capture_output=True, text=True).stdout
    taken = {line.split()[3].rsplit(":", 1)[1] for line in listening.splitlines()}
    ports = []
    for line in listed.splitlines():
        local = line.split()[2].rsplit(":", 1)[1]
        if re.search(rf"pid={pid}\b", line) and local not in taken:
            ports.append(int(local))
    return ports
