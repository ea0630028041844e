"""The messages and stubs of grpc.testing, and what the sync and the asynchronous peers share."""

import os
import sys
import uuid

import grpc

# protoc put `grpc.testing` beside the library's own package `grpc`.
grpc.__path__ += [os.path.join(folder, "grpc") for folder in sys.path if os.path.isdir(os.path.join(folder, "grpc", "testing"))]

from grpc.testing import empty_pb2 as empty  # noqa: E402
from grpc.testing import messages_pb2 as messages  # noqa: E402
from grpc.testing import test_pb2_grpc as services  # noqa: E402

INITIAL_KEY = "x-grpc-test-echo-initial"
INITIAL_VALUE = "test_initial_metadata_value"
TRAILING_KEY = "x-grpc-test-echo-trailing-bin"
TRAILING_VALUE = b"\xab\xab\xab"
METADATA = ((INITIAL_KEY, INITIAL_VALUE), (TRAILING_KEY, TRAILING_VALUE))

REQUEST_SIZES = (27182, 8, 1828, 45904)
RESPONSE_SIZES = (31415, 9, 2653, 58979)

# A call that names itself is observed by the server's handler, and an EmptyCall with the same metadata told its state.
CALL_KEY = "x-interop-call"
STATE_KEY = "x-interop-state"

ERRORS = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]

# How long a call may take that should take milliseconds, in seconds.
TIMEOUT = 20


class Failure(Exception):
    """What a case should have seen and did not."""


def expect(actual, expected, what):
    if actual != expected:
        raise Failure(f"{what}: {actual!r:.200}, and not {expected!r:.200}")


def expect_zeros(payload, size, what):
    expect((len(payload.body), payload.body.count(0), payload.type), (size, size, messages.COMPRESSABLE), what)


def payload(size):
    return messages.Payload(body=bytes(size))


def large_request(**fields):
    return messages.SimpleRequest(response_size=314159, payload=payload(271828), **fields)


def input_request(size, **fields):
    return messages.StreamingInputCallRequest(payload=payload(size), **fields)


def output_request(sizes, size=None):
    return messages.StreamingOutputCallRequest(
        response_parameters=[messages.ResponseParameters(size=each) for each in sizes],
        payload=None if size is None else payload(size),
    )


def compressed_output_request():
    request = output_request((31415, 92653))
    request.response_parameters[0].compressed.value = True
    request.response_parameters[1].compressed.value = False
    return request


STATUS = messages.EchoStatus(code=2, message="test status message")
SPECIAL_STATUS = messages.EchoStatus(
    code=2, message="\t\ntest with whitespace\r\nand Unicode BMP \u263A and non-BMP \U0001F608\t\n"
)


def metadata_value(metadata, key):
    return [pair[1] for pair in metadata or () if pair[0] == key]


def expect_echo(initial, trailing):
    expect(metadata_value(initial, INITIAL_KEY), [INITIAL_VALUE], "the initial metadata")
    expect(metadata_value(trailing, TRAILING_KEY), [TRAILING_VALUE], "the trailing metadata")


def call_metadata():
    """Metadata of a call that is to be observed."""
    return ((CALL_KEY, uuid.uuid4().hex),)


def is_in_state(state, trailing, deadline, now):
    """Whether a server said that a handler is in a state; fails once it is too late for that."""
    found = metadata_value(trailing, STATE_KEY)
    if found != [state] and now > deadline:
        raise Failure(f"the handler is {found}, and should be {state}")
    return found == [state]


class ObservedCalls:
    """What becomes of the handlers whose clients want to know."""

    def __init__(self):
        self.states = {}

    def note(self, state, context):
        for id in metadata_value(context.invocation_metadata(), CALL_KEY):
            self.states[id] = state

    def state(self, context):
        ids = metadata_value(context.invocation_metadata(), CALL_KEY)
        return tuple((STATE_KEY, self.states[id]) for id in ids if id in self.states)


def expect_status(error, code, message=None):
    expect(error.code(), code, f"the status code ({error.details()})")
    if message is not None:
        expect(error.details(), message, "the status message")


def response_payload(kind, size):
    """The payload that a request asks for; None for one that can't be made."""
    return payload(size) if kind == messages.COMPRESSABLE and size >= 0 else None


def status_code(status):
    """The code of a status that a request asks for; None for OK."""
    return next((code for code in grpc.StatusCode if code.value[0] == status.code), grpc.StatusCode.INVALID_ARGUMENT) \
        if status.code else None


def echoed(context):
    """What a server sends back before the responses and after them."""
    pairs = list(context.invocation_metadata())
    return (
        [pair for pair in pairs if pair[0] == INITIAL_KEY],
        [pair for pair in pairs if pair[0] == TRAILING_KEY],
    )


def arguments():
    """What the peers lack, and the cases with their ports."""
    lacking, *cases = sys.argv[1:]
    return frozenset(lacking.split(",")), [(name, int(port)) for name, port in (case.split("=") for case in cases)]


def report(name, error=None):
    """Tells how a case ended, in a line."""
    text = "passed" if error is None else f"{type(error).__name__}: {error}".replace("\n", " ")
    print(name, text, sep="\t", flush=True)
