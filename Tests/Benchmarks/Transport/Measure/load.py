"""What is done to a server: calls that are checked, h2load's load, and idle connections."""

import pathlib
import re
import resource
import select
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

import grpc
from google.protobuf import wrappers_pb2

from servers import FILE_BYTES

CONNECTIONS = 8
STREAMS = 32
MESSAGE = wrappers_pb2.StringValue(value="m" * 48).SerializeToString()
FRAMED = b"\0" + len(MESSAGE).to_bytes(4, "big") + MESSAGE
assert len(MESSAGE) == 50


@dataclass
class Sample:
    """One run of h2load."""

    cpu_microseconds: float
    calls_per_second: float
    p50: float
    p99: float


def wait_until_serving(server):
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise SystemExit(f"{server.kind.name} doesn't accept connections")
            time.sleep(0.05)


def check(server):
    """A server that answers wrongly isn't measured."""
    if not server.kind.is_grpc:
        return
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = channel.unary_unary("/benchmark.Echo/Unary")
        for message in [MESSAGE, b"", wrappers_pb2.StringValue(value="é" * 100_000).SerializeToString()]:
            if call(message, timeout=20) != message:
                raise SystemExit(f"{server.kind.name} answers wrongly")


def apply_load(server, calls, core):
    """Makes `calls` calls and returns what they cost; ends the benchmark unless each of them succeeded."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log")
        command = ["taskset", "-c", str(core), "h2load", "-t", "1", "-c", str(CONNECTIONS), "-m", str(STREAMS)]
        command += ["-n", str(calls), f"--log-file={log}"]
        if server.kind.is_grpc:
            body = pathlib.Path(folder, "body")
            body.write_bytes(FRAMED)
            command += ["-d", str(body), "-H", "content-type: application/grpc", "-H", "te: trailers"]
        before = server.cpu_seconds()
        done = subprocess.run(command + [server.url], capture_output=True, text=True, check=True)
        cpu = server.cpu_seconds() - before
        check_load(server, calls, done.stdout)
        rate = float(re.search(r"finished in .*?, ([\d.]+) req/s", done.stdout).group(1))
        times = sorted(int(line.rsplit("\t", 1)[1]) for line in log.read_text().splitlines())
    return Sample(cpu / calls * 1e6, rate, times[len(times) // 2], times[len(times) * 99 // 100])


def check_load(server, calls, output):
    succeeded = int(re.search(r"(\d+) succeeded", output).group(1))
    ok = int(re.search(r"(\d+) 2xx", output).group(1))
    data = int(re.search(r"\((\d+)\) data", output).group(1))
    # A call that fails has a status of 200, too, and no message.
    expected = calls * (len(FRAMED) if server.kind.is_grpc else FILE_BYTES)
    if (succeeded, ok, data) != (calls, calls, expected):
        raise SystemExit(f"{server.kind.name} failed calls under load: {calls} were made\n{output}")


def idle_connection_kib(server, count):
    """The memory that each of `count` connections takes that exchanged SETTINGS and do nothing."""
    limit = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 16)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    before = server.memory("RssAnon")
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        connections.append(connection)
        acknowledge(server, connection)
    settled = settle(lambda: server.memory("RssAnon"))
    for connection in connections:
        connection.close()
    return (settled - before) / count


def acknowledge(server, connection):
    """Reads until the server has acknowledged our SETTINGS, and acknowledges its own."""
    connection.sendall(bytes([0, 0, 0, 4, 1, 0, 0, 0, 0]))
    received = b""
    while bytes([0, 0, 0, 4, 1, 0, 0, 0, 0]) not in received:
        if not select.select([connection], [], [], 20)[0]:
            raise SystemExit(f"{server.kind.name} doesn't acknowledge SETTINGS")
        part = connection.recv(4096)
        if not part:
            raise SystemExit(f"{server.kind.name} closes an idle connection")
        received += part


def settle(read):
    """The value once it has stayed the same for half a second."""
    value = read()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        time.sleep(0.5)
        next_value = read()
        if next_value == value:
            break
        value = next_value
    return value
