"""The servers that are compared."""

import sys

from pinned import CPLUSPLUS, NGHTTPD, PACKAGE, Kind

RELEASE = PACKAGE / ".build" / "release"

KINDS = [
    NGHTTPD,
    Kind("fast", "Temporis, fast path", [RELEASE / "nghttp2-server", "--fast-path"]),
    Kind("core", "Temporis, GRPCCore", [RELEASE / "nghttp2-server"]),
    CPLUSPLUS,
    Kind("nio", "grpc-swift, NIO transport", [RELEASE / "nio-server"]),
    Kind("python", "gRPC Python, asyncio", [sys.executable, PACKAGE / "Python" / "server.py"]),
]
