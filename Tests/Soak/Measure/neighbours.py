"""What an account may do within its rights, as much of it as it likes. Each is a process of its own, as attacks are."""

import asyncio
import json
import random
import time

import http1
import load
import traffic
from attackers import many

# Rows a second apart, and a profile on them that wants more of them than there are.
DENSE_ROWS = 200_000
PROFILES = 100


def furnish(stack, own):
    """What the account has besides what any has."""
    rows = stack.folder / "dense.csv"
    now = int(time.time())
    rows.write_text("".join(f"{now - DENSE_ROWS + row},load,{row % 100}\n" for row in range(DENSE_ROWS)))
    stack.run("source", "create", "dense", *own)
    stack.run("ingest", str(rows), "--source", "dense", *own)
    unready = ["--source", "dense", "--names", "load", "--interval", "3600", "--min-patches", "32", *own]
    stack.run("profile", "create", "unready", *unready)
    for number in range(PROFILES):
        stack.run("profile", "create", f"unready_{number}", *unready)


async def largest_predictions(target, outcomes):
    """Seventy at a time that draw a thousand trajectories each."""
    async def attack(carried_out):
        await _expect(target, traffic.prediction(target.token, count=1000), {200, 429, 502})
        carried_out()
    await many(70, attack, outcomes)


async def slow_readers_of_much(target, outcomes):
    """Answers of 3.4 MB, sixty at a time, read at 100 KB a second."""
    async def attack(carried_out):
        connection = http1.Connection(target.gateway, receive_buffer=65536)
        await connection.send(traffic.prediction(target.token, count=1000))
        try:
            while await connection.receive_some(10_000):
                carried_out()
                await asyncio.sleep(0.1)
        finally:
            connection.close()
    await many(60, attack, outcomes)


async def replayed_answers(target, outcomes):
    """The same large answer again and again, sixteen at a time."""
    key = f"replay-{random.randrange(1 << 60)}"

    async def attack(carried_out):
        await _expect(target, traffic.prediction(target.token, count=1000, key=key), {200, 429, 502})
        carried_out()
    await many(16, attack, outcomes)


async def trickled_uploads(target, outcomes):
    """Forty uploads that announce no length, of which a byte comes each second after the first 70 KB."""
    async def attack(carried_out):
        connection = http1.Connection(target.gateway)
        head = (
            "POST /v1/data_sources/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {target.token}\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            await connection.send(head.encode() + b"%x\r\n" % 70_000 + b" " * 70_000 + b"\r\n")
            while True:
                await connection.send(b"1\r\n \r\n")
                carried_out()
                await asyncio.sleep(1)
        finally:
            connection.close()
    await many(40, attack, outcomes)


async def largest_uploads(target, outcomes):
    """Sixteen uploads at a time of as many rows as one may have."""
    now = int(time.time()) // 60 * 60
    records = [{"timestamp": now - 60 * row, "name": f"series {row % 7}", "value": row} for row in range(100_000)]
    body = json.dumps({"data_source": "dense", "records": records}).encode()
    upload = http1.request("POST", "/v1/data_sources/ingest", [("Authorization", f"Bearer {target.token}")], body)

    async def attack(carried_out):
        await _expect(target, upload, {204, 429, 502})
        carried_out()
    await many(16, attack, outcomes)


async def unready_profiles(target, outcomes):
    """Predictions by a profile that isn't ready, each after one more row, so that it has to be judged again."""
    async def attack(carried_out):
        record = {"timestamp": int(time.time()), "name": "load", "value": random.random()}
        body = json.dumps({"data_source": "dense", "records": [record]}).encode()
        headers = [("Authorization", f"Bearer {target.token}")]
        await _expect(target, http1.request("POST", "/v1/data_sources/ingest", headers, body), {204, 429, 502})
        await _expect(target, traffic.prediction(target.token, profile="unready"), {404, 409, 429, 502})
        carried_out()
    await many(16, attack, outcomes)


async def dashboard_pages(target, outcomes):
    """The overview of an account with many profiles that aren't ready, eight at a time."""
    async def attack(carried_out):
        page = http1.request("GET", "/dashboard", [("Cookie", f"temporis_session={target.session}")])
        await _expect(target, page, {200, 429, 502})
        carried_out()
    await many(8, attack, outcomes)


NEIGHBOURS = [
    largest_predictions, slow_readers_of_much, replayed_answers, trickled_uploads, largest_uploads, unready_profiles,
    dashboard_pages,
]


async def _expect(target, data, statuses):
    """Asks once, over a connection of its own; anything but the statuses is somebody's end of it."""
    connection = http1.Connection(target.gateway)
    try:
        response = await connection.ask(data)
    finally:
        connection.close()
    if response.status not in statuses:
        raise http1.Broken(str(response.status))
    if response.status == 429:
        # As it was told.
        await asyncio.sleep(float(response.headers.get("retry-after", 1)))
