"""The whole suite under measurement, as the soak starts it."""

import asyncio
import pathlib

import http1
import traffic
from stack import Stack

POSTGRESQL = "PostgreSQL"


class Suite:
    """The services as `temporis up` runs them, with TLS unless told otherwise; `with` starts and ends it."""

    name = "temporis"
    label = "Temporis, whole suite"
    profile = "hourly_orders"

    def __init__(self, binaries, **options):
        self.stack = Stack(binaries, **options)

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
        services = {}
        for slot, pid in self.stack.pids().items():
            services.setdefault(slot.split()[0], []).append(pid)
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
