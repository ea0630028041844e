"""A plaintext auth-verifier besides those of the stack, to be pinned to a core or to begin with nothing cached."""

import os
import time

import grpc

from caller import VERIFY
from credentials import verify_request
from pinned import Process, free_port
from temporis.verifier.v1 import verifier_service_pb2 as messages


class Verifier(Process):
    """A verifier on the stack's token-service; `with` starts and ends it."""

    def __init__(self, stack, core=None, settings=None):
        self.token = stack.ready["token"]
        self.port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORIS_")}
        environment |= {
            "TEMPORIS_LISTEN": f"127.0.0.1:{self.port}",
            "TEMPORIS_TOKEN_SERVICE": ",".join(stack.ready["services"]["token-service"]),
            # It would say that it speaks plaintext.
            "TEMPORIS_LOG_LEVEL": "error",
        }
        super().__init__("auth-verifier", [stack.binaries / "auth-verifier"], core, environment | (settings or {}))

    def __enter__(self):
        super().__enter__()
        self.wait_until_listening()
        self.answer_bytes = 5 + len(self._wait_until_valid())
        return self

    def _wait_until_valid(self):
        """The answer for the stack's own token, once there is a lease."""
        deadline = time.monotonic() + 30
        with grpc.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            while True:
                try:
                    answer = channel.unary_unary(VERIFY)(verify_request(self.token), timeout=5)
                    if messages.VerifyResponse.FromString(answer).verdict == messages.VERDICT_VALID:
                        return answer
                    raise SystemExit("The auth-verifier does not accept the stack's own token")
                except grpc.RpcError as error:
                    if time.monotonic() > deadline:
                        raise SystemExit(f"The auth-verifier does not answer: {error.details()}") from None
                    time.sleep(0.1)

    @property
    def address(self):
        return "127.0.0.1", self.port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{VERIFY}"

    @property
    def body(self):
        message = verify_request(self.token)
        return b"\0" + len(message).to_bytes(4, "big") + message
