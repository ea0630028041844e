"""What is done to a server besides the load: calls that are checked, and idle connections."""

import resource
import select
import socket
import time

import grpc
from google.protobuf import wrappers_pb2

from pinned import MESSAGE


def check(server):
    """A server that answers wrongly isn't measured."""
    if not server.kind.is_grpc:
        return
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = channel.unary_unary("/benchmark.Echo/Unary")
        for message in [MESSAGE, b"", wrappers_pb2.StringValue(value="é" * 100_000).SerializeToString()]:
            if call(message, timeout=20) != message:
                raise SystemExit(f"{server.name} answers wrongly")


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
            raise SystemExit(f"{server.name} doesn't acknowledge SETTINGS")
        part = connection.recv(4096)
        if not part:
            raise SystemExit(f"{server.name} closes an idle connection")
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
