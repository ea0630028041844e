"""Servers under h2load, each a process pinned to one core, and two that others are compared with."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

PACKAGE = pathlib.Path(__file__).resolve().parent.parent / "Transport"
FILE_BYTES = 60
# A StringValue of 48 bytes, and how gRPC frames it.
MESSAGE = b"\x0a\x30" + b"m" * 48
FRAMED = b"\0" + len(MESSAGE).to_bytes(4, "big") + MESSAGE


class Process:
    """A running process, on one core if one is named; `with` starts and ends it."""

    def __init__(self, name, command, core=None, environment=None):
        self.name = name
        pinned = [] if core is None else ["taskset", "-c", core]
        self.command = [str(part) for part in pinned + command]
        self.environment = environment

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wait_until_listening(self):
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{self.name} doesn't accept connections")
                time.sleep(0.05)

    def cpu_seconds(self):
        """User and system time so far, all threads."""
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text[text.rindex(")") + 2:].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name):
        """A line of /proc's status, such as VmRSS or RssAnon, in KiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise SystemExit(f"{self.name} has ended")


@dataclass
class Kind:
    """A way to serve: what it is called and how it is started."""

    name: str
    label: str
    command: list
    is_grpc: bool = True


NGHTTPD = Kind("nghttpd", "nghttpd, static file", ["nghttpd", "--no-tls", "-a", "127.0.0.1"], is_grpc=False)
CPLUSPLUS = Kind("cpp", "gRPC C++, callback API", [PACKAGE / ".build" / "cplusplus" / "server"])


class Server(Process):
    """A server of some kind: of messages that it sends back, or of a file."""

    def __init__(self, kind, core):
        self.kind = kind
        self.folder = None
        command = list(kind.command)
        if not kind.is_grpc:
            self.folder = tempfile.mkdtemp()
            pathlib.Path(self.folder, "file").write_bytes(b"x" * FILE_BYTES)
            self.port = free_port()
            command += ["-d", self.folder, self.port]
        super().__init__(kind.name, command, core)

    def __enter__(self):
        super().__enter__()
        if self.kind.is_grpc:
            line = self.process.stdout.readline()
            match = re.search(r":(\d+)\s*$", line)
            if not match:
                raise SystemExit(f"{self.name} printed no address, but {line!r}")
            self.port = int(match.group(1))
        return self

    def __exit__(self, *_):
        super().__exit__()
        if self.folder:
            shutil.rmtree(self.folder)

    @property
    def url(self):
        path = "benchmark.Echo/Unary" if self.kind.is_grpc else "file"
        return f"http://127.0.0.1:{self.port}/{path}"

    @property
    def body(self):
        """What a call sends; None: nothing."""
        return FRAMED if self.kind.is_grpc else None

    @property
    def answer_bytes(self):
        return len(FRAMED) if self.kind.is_grpc else FILE_BYTES


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
