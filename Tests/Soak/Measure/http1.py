"""An HTTP/1.1 client over bare sockets, which can stop at any byte."""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

TIMEOUT = 60


class Broken(Exception):
    """A connection that brought no whole answer; its text says how it ended."""


@dataclass
class Response:
    status: int
    headers: dict
    body: bytes


def request(method, path, headers=(), body=b""):
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers)]
    if body or method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """A connection, used by one task at a time."""

    def __init__(self, address, receive_buffer=None):
        self.address = address
        self.receive_buffer = receive_buffer
        self.socket = None

    async def ask(self, data):
        """Sends a request and reads its answer, over a new connection if there is none or the last one has ended.

        Raises `Broken`, or `TimeoutError` after a minute.
        """
        with self._ending_when_broken():
            async with asyncio.timeout(TIMEOUT):
                await self.send(data)
                return await self.receive()

    async def send(self, data, pause=None):
        """Sends bytes; with a pause, one at a time."""
        with self._ending_when_broken():
            await self.open()
            self.has_answer_begun = False
            loop = asyncio.get_running_loop()
            if pause is None:
                return await loop.sock_sendall(self.socket, data)
            for index in range(len(data)):
                await loop.sock_sendall(self.socket, data[index:index + 1])
                await asyncio.sleep(pause)

    async def receive(self, pause=0, piece=65536):
        """Reads an answer, in pieces with a pause before each."""
        with self._ending_when_broken():
            head = await self._until(b"\r\n\r\n", pause, piece)
            status_line, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            status = int(status_line.split()[1])
            if headers.get("transfer-encoding") == "chunked":
                body = await self._chunks(pause, piece)
            else:
                body = await self._exactly(int(headers.get("content-length", 0)), pause, piece)
            if headers.get("connection", "").lower() == "close":
                self.close()
            return Response(status, headers, body)

    async def receive_some(self, most=64):
        """Reads the next bytes of an answer, whatever there is of them."""
        with self._ending_when_broken():
            async with asyncio.timeout(TIMEOUT):
                await self._more(0, most)
            return self._take(len(self.buffer))

    async def open(self):
        if self.socket and self._has_ended():
            self.close()
        if self.socket:
            return
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self.buffer = bytearray()
        self.has_answer_begun = False
        await asyncio.get_running_loop().sock_connect(self.socket, self.address)

    def close(self, resetting=False):
        """Ends the connection: with a FIN, or with a reset, which drops what was not sent yet."""
        if self.socket:
            if resetting:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()
            self.socket = None

    def _has_ended(self):
        """Whether the server has ended the connection since its last answer."""
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    async def _chunks(self, pause, piece):
        body = bytearray()
        while True:
            length = int(await self._until(b"\r\n", pause, piece), 16)
            body += await self._exactly(length, pause, piece)
            await self._exactly(2, pause, piece)
            if length == 0:
                return bytes(body)

    async def _until(self, mark, pause, piece):
        searched = 0
        while (index := self.buffer.find(mark, searched)) < 0:
            searched = max(0, len(self.buffer) - len(mark))
            await self._more(pause, piece)
        return self._take(index + len(mark))[:-len(mark)]

    async def _exactly(self, length, pause, piece):
        while len(self.buffer) < length:
            await self._more(pause, piece)
        return self._take(length)

    async def _more(self, pause, piece):
        if pause:
            await asyncio.sleep(pause)
        data = await asyncio.get_running_loop().sock_recv(self.socket, piece)
        if not data:
            raise Broken("cut short" if self.has_answer_begun else "closed")
        self.has_answer_begun = True
        self.buffer += data

    def _take(self, length):
        taken = bytes(self.buffer[:length])
        del self.buffer[:length]
        return taken

    @contextlib.contextmanager
    def _ending_when_broken(self):
        try:
            yield
        except ConnectionRefusedError:
            self.close()
            raise Broken("refused") from None
        except OSError as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise
            raise Broken("cut short" if self.has_answer_begun else "reset") from None
        except BaseException:
            self.close()
            raise
