"""What somebody does who means harm. Each attack is a process of its own that comes last for a processor."""

import asyncio
import gzip
import logging
import multiprocessing
import os
import random
import socket
import ssl
import struct

import http1
import load
import traffic
from http2 import (
    ACK, DATA, END_HEADERS, HEADERS, PING, SETTINGS, WINDOW, client_tls, field, frame, header_block, message, preface)

LARGEST = 4 << 20
STREAMS = 60


class Attack:
    """A running attack: `with` begins and ends it.

    It counts how often it was carried out, and how often the services put an end to it first.
    """

    def __init__(self, attack, target, seconds):
        self.outcomes = multiprocessing.Array("q", 2)
        self.process = multiprocessing.Process(
            target=_begin, args=(attack, target, seconds, self.outcomes), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.join(5)
        self.process.kill()
        self.process.join()


def _begin(attack, target, seconds, outcomes):
    # Last in line for a processor: what is measured is what the services do to an honest caller, not what the scheduler
    # does. Linux may share processors between sessions first, so it is a session of its own that comes last.
    os.setsid()
    os.nice(19)
    try:
        with open("/proc/self/autogroup", "w") as autogroup:
            autogroup.write("19")
    except OSError:
        pass
    # asyncio logs every write to a connection that the services have ended.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(attack(target, outcomes), seconds))
    except TimeoutError:
        pass


async def many(number, attack, outcomes):
    """So many at a time, each over and over, whatever the services do to them."""
    def carried_out():
        outcomes[0] += 1

    async def repeat():
        while True:
            try:
                await attack(carried_out)
            except* (OSError, http1.Broken, asyncio.IncompleteReadError):
                outcomes[1] += 1
                await asyncio.sleep(0.05)

    await asyncio.gather(*(repeat() for _ in range(number)))


async def junk_tokens(target, outcomes):
    async def attack(carried_out):
        caller = load.Caller(target)
        while await caller.junk() == "401":
            carried_out()
        raise http1.Broken("another status")
    await many(32, attack, outcomes)


async def comma_floods(target, outcomes):
    """Calls whose seven metadata values are of 1,990 commas each: after the first, seven bytes on the wire."""
    async def attack(carried_out):
        async with Peer(target) as peer:
            value = b"," * 1990
            # With incremental indexing (RFC 7541, section 6.2.1): from then on it is entry 62.
            first = b"\x40\x05x-bin\x7f" + _rest(len(value) - 127) + value
            for index in range(1000):
                extra = first + b"\xbe" * 6 if index == 0 else b"\xbe" * 7
                await peer.write(frame(HEADERS, END_HEADERS, peer.stream(), header_block(load.VERIFY) + extra))
            carried_out()
            await asyncio.sleep(1)
    await many(2, attack, outcomes)


async def gzip_bombs(target, outcomes):
    """Messages of 4 MiB in 4 KB on calls that never end."""
    bomb = message(gzip.compress(field(15, bytes(LARGEST - 16)), 9), compressed=True)

    async def attack(carried_out):
        async with Peer(target) as peer:
            block = header_block(load.VERIFY, [("grpc-encoding", "gzip")])
            for _ in range(STREAMS):
                stream = peer.stream()
                await peer.write(frame(HEADERS, END_HEADERS, stream, block) + frame(DATA, 0, stream, bomb))
            carried_out()
            await asyncio.sleep(1)
    await many(2, attack, outcomes)


async def incomplete_messages(target, outcomes):
    """Messages that lack their last byte, on many calls at a time."""
    async def attack(carried_out):
        async with Peer(target) as peer:
            streams = [peer.stream() for _ in range(STREAMS // 2)]
            for stream in streams:
                await peer.write(frame(HEADERS, END_HEADERS, stream, header_block(load.VERIFY)))
            content = message(bytes(LARGEST))[:-1]
            async with asyncio.timeout(15), asyncio.TaskGroup() as group:
                for stream in streams:
                    group.create_task(peer.fill(stream, content))
            carried_out()
            await asyncio.sleep(1)
    await many(2, attack, outcomes)


async def slow_readers(target, outcomes):
    """Answers of 3.4 MB, of which a KB is read in a second: four more of them every second, up to 64."""
    async def attack(carried_out):
        connection = http1.Connection(target.gateway, receive_buffer=4096)
        await asyncio.sleep(random.uniform(0, 16))
        await connection.send(traffic.prediction(target.token, count=1000))
        while True:
            await connection.receive_some(1024)
            carried_out()
            await asyncio.sleep(1)
    await many(64, attack, outcomes)


async def slow_writers(target, outcomes):
    """Requests of which a byte comes ten times a second."""
    async def attack(carried_out):
        connection = http1.Connection(target.gateway)
        request = traffic.prediction(target.token)
        await connection.send(request[:20], pause=0.1)
        carried_out()
        await connection.send(request[20:-1], pause=0.1)
        connection.close()
    await many(200, attack, outcomes)


async def vanishing_peers(target, outcomes):
    """Peers that leave at any point, and peers that stay without a word."""
    silent = []

    async def attack(carried_out):
        if random.random() < 0.5:
            connection = await _connected(target.gateway)
            request = traffic.prediction(target.token)
        else:
            connection = await _connected(target.services[random.choice(list(target.services))])
            request = _handshake(target) if target.tls and random.random() < 0.5 else preface() + frame(
                HEADERS, END_HEADERS, 1, header_block(load.VERIFY)) + frame(DATA, 1, 1, message(field(1, b"abc")))
        await asyncio.get_running_loop().sock_sendall(connection, request[:random.randrange(len(request) + 1)])
        await asyncio.sleep(random.choice([0, 0, random.uniform(0, 0.05)]))
        carried_out()
        if random.random() < 0.3 and len(silent) < 256:
            silent.append(connection)
        else:
            _end(connection)
    await many(16, attack, outcomes)


ATTACKS = [
    junk_tokens, comma_floods, gzip_bombs, incomplete_messages, slow_readers, slow_writers, vanishing_peers,
]


class Peer:
    """A client of the auth-verifier's port that keeps to no rule of its own but the windows; `async with` ends it."""

    def __init__(self, target):
        self.target, self.next_stream = target, 1
        self.windows, self.more = {0: 65535}, asyncio.Event()
        self.first_window = 65535

    async def __aenter__(self):
        host, port = self.target.services["auth-verifier"]
        self.reader, self.writer = await asyncio.wait_for(
            asyncio.open_connection(host, port, ssl=client_tls(self.target.tls)), 10)
        self.writer.write(preface())
        self.reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_):
        self.reading.cancel()
        self.writer.transport.abort()

    def stream(self):
        self.next_stream += 2
        return self.next_stream - 2

    async def write(self, data):
        if self.reading.done() or self.writer.is_closing():
            raise ConnectionError("the server has ended the connection")
        self.writer.write(data)
        await self.writer.drain()

    async def fill(self, stream, content):
        """Sends content as the windows open."""
        sent = 0
        while sent < len(content):
            window = min(16384, self.windows[0], self.windows.setdefault(stream, self.first_window))
            if window <= 0:
                self.more.clear()
                await self.more.wait()
                continue
            part = content[sent:sent + window]
            self.windows[0] -= len(part)
            self.windows[stream] -= len(part)
            sent += len(part)
            await self.write(frame(DATA, 0, stream, part))

    async def _read(self):
        while True:
            head = await self.reader.readexactly(9)
            payload = await self.reader.readexactly(int.from_bytes(head[:3], "big"))
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            if kind == WINDOW:
                self.windows[stream] = self.windows.get(stream, self.first_window) + int.from_bytes(payload, "big")
                self.more.set()
            elif kind in (SETTINGS, PING) and not flags & ACK:
                if kind == SETTINGS:
                    values = dict(struct.iter_unpack(">HI", payload))
                    self.first_window = values.get(4, self.first_window)
                self.writer.write(frame(kind, ACK, 0, payload if kind == PING else b""))


def _rest(value):
    return bytes([value & 0x7f | 0x80, value >> 7]) if value >= 128 else bytes([value])


def _handshake(target):
    """What a TLS client says first."""
    outgoing = ssl.MemoryBIO()
    try:
        client_tls(target.tls).wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


async def _connected(address):
    connection = socket.socket()
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, address)
    return connection


def _end(connection):
    if random.random() < 0.5:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
