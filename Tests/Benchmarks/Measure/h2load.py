"""h2load's load: the same call over connections of many streams, each answered, and what it costs the server."""

import pathlib
import re
import subprocess
import tempfile
from dataclasses import dataclass

CONNECTIONS = 8
STREAMS = 32


@dataclass
class Sample:
    """One run of h2load."""

    cpu_microseconds: float
    calls_per_second: float
    p50: float
    p99: float


def apply_load(server, calls, core):
    """Makes `calls` calls and returns what they cost; ends the benchmark unless each of them succeeded.

    A server has a `name`, a `url`, the `body` of a gRPC call or None for a plain GET, `answer_bytes`, which tell a
    message from a failure, and `cpu_seconds()`.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log")
        command = ["taskset", "-c", str(core), "h2load", "-t", "1", "-c", str(CONNECTIONS), "-m", str(STREAMS)]
        command += ["-n", str(calls), f"--log-file={log}"]
        if server.body is not None:
            body = pathlib.Path(folder, "body")
            body.write_bytes(server.body)
            command += ["-d", str(body), "-H", "content-type: application/grpc", "-H", "te: trailers"]
        before = server.cpu_seconds()
        done = subprocess.run(command + [server.url], capture_output=True, text=True, check=True)
        cpu = server.cpu_seconds() - before
        check(server, calls, done.stdout)
        rate = float(re.search(r"finished in .*?, ([\d.]+) req/s", done.stdout).group(1))
        times = sorted(int(line.rsplit("\t", 1)[1]) for line in log.read_text().splitlines())
    return Sample(cpu / calls * 1e6, rate, times[len(times) // 2], times[len(times) * 99 // 100])


def calls_filling(server, seconds, core):
    """Warms a server up; returns how many calls fill the time."""
    apply_load(server, 5_000, core)
    rate = apply_load(server, 20_000, core).calls_per_second
    return max(int(rate * seconds) // 1000, 1) * 1000


def check(server, calls, output):
    succeeded = int(re.search(r"(\d+) succeeded", output).group(1))
    ok = int(re.search(r"(\d+) 2xx", output).group(1))
    data = int(re.search(r"\((\d+)\) data", output).group(1))
    # A call that fails has a status of 200, too, and no message.
    if (succeeded, ok, data) != (calls, calls, calls * server.answer_bytes):
        raise SystemExit(f"{server.name} failed calls under load: {calls} were made\n{output}")
