"""The real stack: `temporis up` in a folder of its own, its processes held to the memory of their containers."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import processes
from limits import Groups, container_limits

PACKAGE = pathlib.Path(__file__).resolve().parents[3]
SERVICES = ["token-service", "auth-verifier", "predict-service", "api-gateway"]


class Stack:
    """A running stack.

    A slot is a place of the stack that a process fills, such as `predict-service 2`; a process that is started again
    fills the same slot. `with` starts everything and ends it.
    """

    def __init__(self, binaries=None, replicas=None, settings=None, arguments=()):
        self.binaries = pathlib.Path(binaries or PACKAGE / ".build" / "release").resolve()
        self.arguments = list(arguments) + (["--replicas", replicas] if replicas else [])
        self.settings = settings or {}
        self.limits = container_limits()

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="temporis-soak-"))
        self.data = self.folder / "data"
        self.groups = Groups()
        self.process = None
        # As an error, so that everything is ended.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(90)
            except subprocess.TimeoutExpired:
                # The kernel ends its children with it.
                self.process.kill()
                self.process.wait()
        self._remove_groups()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        programs = self._programs()
        # What the caller has exported is for another stack.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORIS_")}
        # It hears of our end however that comes.
        command = ["setpriv", "--pdeathsig", "TERM", "--"]
        command += [programs / "temporis", "up", "--data-dir", self.data, "--gateway-port", "0", *self.arguments]
        with open(self.folder / "output", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
            self.process = subprocess.Popen(
                [str(word) for word in command], env=environment | self.settings, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 180
        while not self.data.joinpath("ready.json").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                lines = self.folder.joinpath("output").read_text().splitlines()
                raise SystemExit("The stack doesn't start: " + (lines[-1] if lines else "it says nothing"))
            time.sleep(0.1)
        self.ready = self._read()
        host, port = self.ready["gateway"].removeprefix("http://").rsplit(":", 1)
        self.gateway = (host, int(port))

    def _programs(self):
        """The folder of the executables; where groups can be made, one of scripts that enter them."""
        if not self.groups.folder:
            return self.binaries
        programs = self.folder / "bin"
        programs.mkdir()
        # `temporis` starts what lies beside its own file, which a symbolic link would not move.
        shutil.copy2(self.binaries / "temporis", programs)
        for service in SERVICES:
            script = programs / service
            script.write_text(self.groups.script(service, self.limits[service], self.binaries / service))
            script.chmod(0o755)
        return programs

    def _read(self):
        return json.loads(self.data.joinpath("ready.json").read_text())

    def _remove_groups(self):
        # A process that has just ended may still hold its group.
        for _ in range(20):
            if not self.groups.folder or not self.groups.folder.exists():
                return
            self.groups.remove()
            time.sleep(0.1)

    @property
    def slots(self):
        """Every slot, in the order in which the services depend on each other."""
        return [
            f"{service} {number}" for service in SERVICES
            for number in range(1, 1 + len(self.ready["services"].get(service, [1])))
        ]

    def pids(self):
        """The process of every slot that is filled now."""
        try:
            listed = self._read()["pids"]
        except FileNotFoundError:
            return {}
        filled = {}
        for service in SERVICES:
            addresses = self.ready["services"].get(service) or [self.ready["gateway"].removeprefix("http://")]
            for pid in listed.get(service, []):
                listens = processes.variable(pid, "TEMPORIS_LISTEN")
                # Until the script of a group has become the service, its memory is a shell's.
                if listens in addresses and self._is_service(pid, service):
                    filled[f"{service} {addresses.index(listens) + 1}"] = pid
        return filled

    def _is_service(self, pid, service):
        try:
            return os.path.basename(os.readlink(f"/proc/{pid}/exe")) == service
        except OSError:
            return False

    def samples(self):
        """A look at the process of every slot: (pid, sample) by slot."""
        looks = {slot: (pid, processes.sample(pid)) for slot, pid in self.pids().items()}
        return {slot: look for slot, look in looks.items() if look[1]}

    def address(self, slot):
        """Where the process of a slot serves: host and port."""
        service, number = slot.split()
        if service == "api-gateway":
            return self.gateway
        host, port = self.ready["services"][service][int(number) - 1].rsplit(":", 1)
        return host, int(port)

    def is_listening(self, slot):
        try:
            socket.create_connection(self.address(slot), timeout=1).close()
            return True
        except OSError:
            return False

    def terminate(self, slot, pid):
        os.kill(pid, signal.SIGTERM)

    def run(self, *arguments):
        """Runs another command of `temporis` on this stack, and returns what it prints."""
        done = subprocess.run(
            [self.binaries / "temporis", *arguments, "--data-dir", self.data], capture_output=True, text=True,
            timeout=60)
        if done.returncode:
            raise SystemExit(f"temporis {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def billed(self):
        """How many predictions this month's bill has."""
        return json.loads(self.run("usage", "--json"))["predictions"]

    def keep_logs(self):
        """Copies the logs where they outlive the stack, and says where."""
        kept = pathlib.Path(tempfile.mkdtemp(prefix="temporis-logs-"))
        shutil.copytree(self.data / "logs", kept, dirs_exist_ok=True)
        return kept
