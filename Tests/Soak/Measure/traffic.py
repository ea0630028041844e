"""The kinds of calls that people make of the gateway, each as one call of a client."""

import asyncio
import json
import random
import time
import uuid
from dataclasses import dataclass

import tokens
from http1 import Broken, Connection, request

SOURCE = "soak_rows"
PAGES = [
    "/dashboard", "/dashboard/tokens", "/dashboard/billing", "/dashboard/sources", "/dashboard/sources/store_metrics",
    f"/dashboard/sources/{SOURCE}", "/dashboard/profiles", "/dashboard/profiles/hourly_orders", "/dashboard/forecast",
    "/dashboard/activity",
]
# Rows come again and again under the same keys, so that the database doesn't grow: a year that is over.
FIRST_ROW = 1_700_000_000
KEYS = 50_000


def prediction(token, count=5, profile="hourly_orders", key=None):
    """The request of the worked example."""
    body = {"data_profile": profile, "count": count, "temperature": 1.0, "top_p": 0.9}
    headers = [("Authorization", f"Bearer {token}")] + ([("Idempotency-Key", key)] if key else [])
    return request("POST", "/v1/predict", headers, json.dumps(body).encode())


def ingest(token, rows):
    first = random.randrange(KEYS - rows + 1)
    records = [
        {"timestamp": FIRST_ROW + 60 * (first + row), "name": "visits", "value": row % 97} for row in range(rows)
    ]
    body = json.dumps({"data_source": SOURCE, "records": records}).encode()
    return request("POST", "/v1/data_sources/ingest", [("Authorization", f"Bearer {token}")], body)


class Client:
    """One client: a connection, and what it is told to do over and over."""

    def __init__(self, run, connection):
        self.run, self.connection = run, connection
        self.token, self.session = run.token, run.session

    async def predict(self):
        await self._predict("prediction", prediction(self.token), 5)

    async def predict_with_key(self):
        """A key's first prediction and two replays of it, which must be the same bytes."""
        key = uuid.uuid4().hex
        data = prediction(self.token, key=key)
        first = await self._predict("keyed prediction", data, 5, key)
        for _ in range(2):
            same = (lambda body: body == first.body) if first else (lambda body: is_prediction(body, 5))
            answer = await self._predict("replay", data, 5, key, is_right=same)
            # Where the first answer was lost, the next one is the key's first.
            first = first or answer

    async def ingest(self):
        await self._expect("ingest", 204, ingest(self.token, 10))

    async def ingest_much(self):
        await self._expect("ingest, 10,000 rows", 204, ingest(self.token, 10_000))

    async def junk(self):
        await self._expect("junk token", 401, prediction(tokens.junk()))

    async def malformed(self):
        await self._expect("malformed token", 401, prediction(tokens.malformed()))

    async def unknown_profile(self):
        await self._expect("unknown profile", 404, prediction(self.token, profile="nobodys"))

    async def page(self):
        data = request("GET", random.choice(PAGES), [("Cookie", f"temporis_session={self.session}")])
        await self._expect("dashboard page", 200, data, lambda body: body.endswith(b"</html>\n"))

    async def read_slowly(self):
        """Reads 3.4 MB, more than the kernel keeps for us, in about five seconds."""
        await self._predict("slow reader", prediction(self.token, count=1000), 1000, pause=0.05, piece=32768)

    async def write_slowly(self):
        """Sends a request one byte at a time."""
        await self._predict("slow writer", prediction(self.token), 5, send_pause=0.01)

    async def cut(self):
        """Ends the connection somewhere: before, in or after the request, or in the answer."""
        data, begin = prediction(self.token, count=random.choice([5, 200])), time.monotonic()
        sent = random.choice([0, random.randrange(1, len(data)), len(data), len(data)])
        status = "none"
        try:
            await self.connection.send(data[:sent])
            if sent == len(data) and random.random() < 0.5:
                status = (await self.connection.receive_some()).decode("latin-1").partition(" ")[2][:3]
            else:
                await asyncio.sleep(random.choice([0, random.uniform(0, 0.02)]))
            self.run.tally.add("cut", status, begin, good=status in {"none", "200"})
        except (Broken, TimeoutError) as error:
            self.run.tally.add("cut", _name(error), begin, good=False)
        finally:
            if status == "200":
                self.run.money.saw()
            elif status == "none" and sent == len(data):
                self.run.money.missed()
            self.connection.close(resetting=random.random() < 0.5)

    async def _predict(self, kind, data, count, key=None, is_right=None, **pace):
        is_right = is_right or (lambda body: is_prediction(body, count))
        answer = await self._expect(kind, 200, data, is_right, lambda: self.run.money.missed(key), **pace)
        if not answer or answer.status != 200:
            return None
        self.run.money.saw(key)
        return answer

    async def _expect(
        self, kind, status, data, is_right=lambda body: True, missed=lambda: None, pause=0, piece=65536,
        send_pause=None,
    ):
        """Counts one call. Returns its answer; None when there is none, which `missed` hears of."""
        begin = time.monotonic()
        try:
            async with asyncio.timeout(60):
                await self.connection.send(data, send_pause)
                answer = await self.connection.receive(pause, piece)
        except (Broken, TimeoutError) as error:
            missed()
            self.run.tally.add(kind, _name(error), begin, good=False)
            return None
        good = answer.status == status
        text = str(answer.status)
        if good and not is_right(answer.body):
            good, text = False, text + ", wrong body"
        self.run.tally.add(kind, text, begin, good, body=answer.body)
        return answer


def is_prediction(body, count):
    if count > 200:
        # It would hold up all clients to parse so much.
        return body.count(b'"loss"') == count and body.endswith(b"}")
    try:
        futures = json.loads(body)["predictions"]
        return len(futures) == count and all(future["data"] for future in futures)
    except (ValueError, KeyError):
        return False


def _name(error):
    return str(error) or "no answer in 60 s"


@dataclass
class Kind:
    """What a number of clients do, and how often in a second all of them together."""

    work: str
    rate: float
    clients: int
    receive_buffer: int | None = None


KINDS = [
    Kind("predict", 60, 8),
    Kind("predict_with_key", 7, 4),
    Kind("ingest", 20, 3),
    Kind("ingest_much", 0.5, 1),
    Kind("junk", 50, 4),
    Kind("malformed", 20, 2),
    Kind("unknown_profile", 10, 2),
    Kind("page", 15, 3),
    Kind("cut", 15, 4),
    Kind("read_slowly", 0.8, 5, receive_buffer=32768),
    Kind("write_slowly", 1.5, 5),
]


async def work(run, kind, until):
    """One client: calls at its pace until a time, over connections of a few hundred calls."""
    client = Client(run, Connection(run.address, kind.receive_buffer))
    interval = kind.clients / kind.rate
    due = time.monotonic() + random.random() * interval
    while due < until:
        await asyncio.sleep(max(0, due - time.monotonic()))
        await getattr(client, kind.work)()
        if random.random() < 0.005:
            client.connection.close()
        # What was late isn't made up for.
        due = max(due + interval, time.monotonic())
    client.connection.close()
