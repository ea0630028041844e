"""The servers that are compared, each a process pinned to one core."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
RELEASE = PACKAGE / ".build" / "release"
FILE_BYTES = 60


@dataclass
class Kind:
    """A way to serve: what it is called and how it is started."""

    name: str
    label: str
    command: list
    is_grpc: bool = True


KINDS = [
    Kind("nghttpd", "nghttpd, static file", ["nghttpd", "--no-tls", "-a", "127.0.0.1"], is_grpc=False),
    Kind("fast", "Temporis, fast path", [RELEASE / "nghttp2-server", "--fast-path"]),
    Kind("core", "Temporis, GRPCCore", [RELEASE / "nghttp2-server"]),
    Kind("cpp", "gRPC C++, callback API", [PACKAGE / ".build" / "cplusplus" / "server"]),
    Kind("nio", "grpc-swift, NIO transport", [RELEASE / "nio-server"]),
    Kind("python", "gRPC Python, asyncio", [sys.executable, PACKAGE / "Python" / "server.py"]),
]


@dataclass
class Server:
    """A running server."""

    kind: Kind
    core: int
    process: subprocess.Popen = field(init=False)
    port: int = field(init=False)
    folder: str = field(init=False, default="")

    def __enter__(self):
        command = [str(part) for part in self.kind.command]
        if self.kind.is_grpc:
            self.process = self._start(command)
            line = self.process.stdout.readline()
            match = re.search(r":(\d+)\s*$", line)
            if not match:
                raise SystemExit(f"{self.kind.name} printed no address, but {line!r}")
            self.port = int(match.group(1))
        else:
            self.folder = tempfile.mkdtemp()
            pathlib.Path(self.folder, "file").write_bytes(b"x" * FILE_BYTES)
            self.port = free_port()
            self.process = self._start(command + ["-d", self.folder, str(self.port)])
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.folder:
            shutil.rmtree(self.folder)

    def _start(self, command):
        pinned = ["taskset", "-c", str(self.core)] + command
        return subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    @property
    def url(self):
        path = "benchmark.Echo/Unary" if self.kind.is_grpc else "file"
        return f"http://127.0.0.1:{self.port}/{path}"

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
        raise SystemExit(f"{self.kind.name} has ended")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
