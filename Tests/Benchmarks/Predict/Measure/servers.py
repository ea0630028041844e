"""The two servers that are compared: the whole suite, and FastAPI."""

import asyncio
import pathlib
import subprocess

import http1
import traffic
from stack import Stack

FOLDER = pathlib.Path(__file__).resolve().parent.parent
POSTGRESQL = "PostgreSQL"


class Suite:
    """The services as `temporis up` runs them, with TLS between them; `with` starts and ends it."""

    name = "temporis"
    label = "Temporis, whole suite"

    def __init__(self, binaries):
        self.stack = Stack(binaries)

    def __enter__(self):
        self.stack.__enter__()
        host, port = self.stack.gateway
        self.url = f"http://{host}:{port}/v1/predict"
        self.token = self.stack.ready["token"]
        return self

    def __exit__(self, *_):
        self.stack.__exit__()

    def groups(self):
        """The pids of each service and of PostgreSQL, by name."""
        services = {slot.split()[0]: [pid] for slot, pid in self.stack.pids().items()}
        return services | {POSTGRESQL: self._postgresql()}

    def _postgresql(self):
        first = int((self.stack.data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        return [first, *map(int, pathlib.Path(f"/proc/{first}/task/{first}/children").read_text().split())]

    def answer(self):
        """The body of a prediction."""
        connection = http1.Connection(self.stack.gateway)
        response = asyncio.run(connection.ask(traffic.prediction(self.token)))
        connection.close()
        if response.status != 200 or not traffic.is_prediction(response.body, 5):
            raise SystemExit(f"The suite answers wrongly, with status {response.status}")
        return response.body


class FastAPI:
    """An endpoint that answers every prediction with the same bytes; `with` starts and ends it."""

    name = "fastapi"
    label = "FastAPI, canned answer"
    # It asks for none.
    token = "none"

    def __init__(self, answer):
        self.answer = answer

    def __enter__(self):
        self.process = subprocess.Popen(
            [FOLDER / ".build" / "python" / "bin" / "python", FOLDER / "Python" / "server.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(self.answer)
        self.process.stdin.close()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("FastAPI doesn't start")
        self.url = f"http://127.0.0.1:{int(line)}/v1/predict"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def groups(self):
        """The pid of its only process, by name."""
        return {"FastAPI": [self.process.pid]}
