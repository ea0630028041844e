"""As much of HTTP/2 and gRPC as a client needs that keeps no table of headers, over TLS or without."""

import asyncio
import ssl
import struct

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
# The header that we look for, as a server may write its name: plain, or in Huffman's code (RFC 7541, appendix B).
STATUS_NAMES = {(False, b"grpc-status"), (True, bytes.fromhex("9acac8b21234da8f"))}
BIG_WINDOW = 1 << 30


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def preface():
    """What a client begins with: no table of headers for the server's answers, and windows that never close."""
    settings = struct.pack(">HIHI", 1, 0, 4, BIG_WINDOW)
    return (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, settings)
        + frame(WINDOW, 0, 0, struct.pack(">I", BIG_WINDOW)))


def header_block(path, headers=()):
    """A gRPC call's headers, each a literal that is not indexed (RFC 7541, section 6.2.2)."""
    fields = [
        (":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
        ("content-type", "application/grpc"), *headers]
    return b"".join(b"\0" + _string(name.encode()) + _string(value.encode()) for name, value in fields)


def message(content, compressed=False):
    """A gRPC message."""
    return struct.pack(">BI", compressed, len(content)) + content


def field(number, content):
    """A protobuf field of bytes or of another message."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def number_field(number, value):
    return _varint(number << 3) + _varint(value)


def double_field(number, value):
    return _varint(number << 3 | 1) + struct.pack("<d", value)


def client_tls(files):
    """What a client of the services shows them: `tls` of ready.json. None: they speak plaintext."""
    if not files:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The certificates name services, not hosts.
    context.check_hostname = False
    context.load_verify_locations(files["ca"])
    context.load_cert_chain(files["client_certificate"], files["client_key"])
    context.set_alpn_protocols(["h2"])
    return context


class Connection(asyncio.Protocol):
    """A connection for unary calls, any number at a time."""

    @classmethod
    async def open(cls, address, tls):
        _, connection = await asyncio.get_running_loop().create_connection(cls, *address, ssl=tls)
        return connection

    def __init__(self):
        self.calls, self.next_stream, self.buffer, self.received = {}, 1, b"", 0
        # No new calls: the server said so, or is gone.
        self.is_over = False

    async def call(self, path, content, headers=()):
        """Makes a call; returns its gRPC status, `reset N`, or `closed`."""
        if self.is_over:
            return "closed"
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.calls[stream] = answer = asyncio.get_running_loop().create_future()
        self.transport.write(
            frame(HEADERS, END_HEADERS, stream, header_block(path, headers))
            + frame(DATA, END_STREAM, stream, message(content)))
        return await answer

    def close(self):
        self.transport.close()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(preface())

    def connection_lost(self, _):
        self.is_over = True
        for stream in list(self.calls):
            self._end(stream, "closed")

    def data_received(self, data):
        self.buffer += data
        while len(self.buffer) >= 9:
            length = int.from_bytes(self.buffer[:3], "big")
            if len(self.buffer) < 9 + length:
                return
            kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
            payload, self.buffer = self.buffer[9:9 + length], self.buffer[9 + length:]
            self._take(kind, flags, stream, payload)

    def _take(self, kind, flags, stream, payload):
        if kind == HEADERS and flags & END_STREAM:
            self._end(stream, grpc_status(payload) or "no status")
        elif kind == RESET:
            self._end(stream, f"reset {int.from_bytes(payload, 'big')}")
        elif kind == DATA:
            self.received += len(payload)
            if self.received > BIG_WINDOW // 2:
                self.transport.write(frame(WINDOW, 0, 0, struct.pack(">I", self.received)))
                self.received = 0
        elif kind in (SETTINGS, PING) and not flags & ACK:
            self.transport.write(frame(kind, ACK, 0, payload if kind == PING else b""))
        elif kind == GOAWAY:
            self.is_over = True

    def _end(self, stream, status):
        answer = self.calls.pop(stream, None)
        if answer and not answer.done():
            answer.set_result(status)


def grpc_status(block):
    """The status in a block of trailers, whose other fields may be of any kind (RFC 7541, section 6)."""
    position = 0
    while position < len(block):
        first = block[position]
        if first & 0x80 or first & 0xe0 == 0x20:
            _, position = _integer(block, position, 7 if first & 0x80 else 5)
            continue
        index, position = _integer(block, position, 6 if first & 0x40 else 4)
        name = None
        if not index:
            name, position = _coded_string(block, position)
        (_, value), position = _coded_string(block, position)
        if name in STATUS_NAMES:
            # Of one or two digits, which Huffman's code makes no shorter.
            return value.decode()
    return None


def _coded_string(block, position):
    is_coded = bool(block[position] & 0x80)
    length, position = _integer(block, position, 7)
    return (is_coded, block[position:position + length]), position + length


def _integer(block, position, bits):
    value, position = block[position] & ((1 << bits) - 1), position + 1
    if value < (1 << bits) - 1:
        return value, position
    shift = 0
    while True:
        byte, position = block[position], position + 1
        value += (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, position


def _string(content):
    length = len(content)
    if length < 127:
        return bytes([length]) + content
    return b"\x7f" + _varint(length - 127) + content


def _varint(value):
    encoded = b""
    while value >= 128:
        encoded += bytes([value & 0x7f | 0x80])
        value >>= 7
    return encoded + bytes([value])
