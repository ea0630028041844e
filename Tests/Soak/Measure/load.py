"""Calls of one kind as fast as they are answered, from processes of their own."""

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass

import http1
import http2
import tokens
import traffic

PROCESSES = 2
# The longest that calls of one kind may take, in seconds.
LIMIT = 3600
PREDICT = "/temporis.predict.v1.PredictionService/Predict"
VERIFY = "/temporis.verifier.v1.VerifierService/Verify"


@dataclass
class Target:
    """What a process that makes calls has to know of the stack."""

    gateway: tuple
    token: str
    services: dict
    tls: dict | None
    session: str | None = None

    @classmethod
    def of(cls, stack):
        addresses = {service: stack.address(f"{service} 1") for service in stack.ready["services"]}
        return cls(stack.gateway, stack.ready["token"], addresses, stack.ready["tls"])


class Caller:
    """One connection's worth of calls; each method makes one and returns its status."""

    def __init__(self, target):
        self.target = target
        self.connection = http1.Connection(target.gateway)
        self.grpc = {}
        self.tls = http2.client_tls(target.tls)

    async def valid(self):
        return await self._ask(traffic.prediction(self.target.token, count=1))

    async def ingest(self):
        return await self._ask(traffic.ingest(self.target.token, 10))

    async def junk(self):
        return await self._ask(traffic.prediction(tokens.junk()))

    async def refused(self):
        return await self._ask(traffic.prediction(self.target.token, profile="nobodys"))

    async def cancelled(self):
        """Leaves while the call runs, without leaving the port behind that a polite end occupies for a minute."""
        await self.connection.send(traffic.prediction(self.target.token, count=1))
        await asyncio.sleep(random.uniform(0, 0.005))
        self.connection.close(resetting=True)
        return "none"

    async def timed_out(self):
        """A prediction that is given a few milliseconds, which its calls of the other services share."""
        headers = [("authorization", f"Bearer {self.target.token}"), ("grpc-timeout", f"{random.randint(1, 3)}m")]
        return await self._call("predict-service", PREDICT, prediction_message(), headers)

    async def timed_out_in_gateway(self):
        return await self.ingest()

    async def verify(self):
        return await self._call("auth-verifier", VERIFY, http2.field(1, f"Bearer {self.target.token}".encode()))

    def close(self):
        self.connection.close()
        for connection in self.grpc.values():
            connection.close()

    async def _ask(self, data):
        try:
            return str((await self.connection.ask(data)).status)
        except (http1.Broken, TimeoutError) as error:
            return str(error) or "no answer"

    async def _call(self, service, path, content, headers=()):
        connection = self.grpc.get(service)
        if not connection or connection.is_over:
            connection = self.grpc[service] = await http2.Connection.open(self.target.services[service], self.tls)
        async with asyncio.timeout(60):
            return await connection.call(path, content, headers)


def prediction_message():
    return (
        http2.field(1, b"hourly_orders") + http2.number_field(2, 1) + http2.double_field(3, 1.0)
        + http2.double_field(4, 0.9))


def run(target, work, calls, connections=32):
    """Makes calls over a number of connections; returns how often each status came, and the calls a second."""
    begin = time.monotonic()
    with multiprocessing.Pool(PROCESSES) as pool:
        part = (target, work, calls // PROCESSES, connections // PROCESSES)
        parts = pool.starmap_async(_run_part, [part] * PROCESSES).get(LIMIT)
    return sum(parts, Counter()), calls / (time.monotonic() - begin)


def _run_part(target, work, calls, connections):
    return asyncio.run(_make_calls(target, work, calls, connections))


async def _make_calls(target, work, calls, connections):
    statuses, left = Counter(), iter(range(calls))

    async def make():
        caller = Caller(target)
        for _ in left:
            statuses[await getattr(caller, work)()] += 1
        caller.close()

    await asyncio.gather(*(make() for _ in range(connections)))
    return statuses
