"""The services of a running stack, through generated stubs."""

import json

import grpc

import recorder
import stubs

TIMEOUT = 30


class Stack:
    """A running stack, as its ready.json describes it."""

    def __init__(self, ready_path):
        with open(ready_path, encoding="utf-8") as file:
            self.ready = json.load(file)
        self.calls = set()
        self.outcomes = 0
        self.channels = {
            process: grpc.intercept_channel(
                grpc.insecure_channel(addresses[0]), recorder.Recorder(process, self.calls)
            )
            for process, addresses in self.ready["services"].items()
        }

    def stub(self, process, service):
        return Service(self, stubs.stub(service, self.channels[process]), stubs.service(service))

    def expect(self, holds, what):
        """Fails with what is documented; never with a value, which may hold a secret."""
        if not holds:
            raise AssertionError(what)
        self.outcomes += 1


class Service:
    """A service's methods, called by name with the request's fields."""

    def __init__(self, stack, stub, descriptor):
        self.stack = stack
        self.stub = stub
        self.descriptor = descriptor

    def make(self, method, **fields):
        return stubs.message(f"{self.descriptor.full_name}/{method}", "request")(**fields)

    def call(self, method, credential=None, messages=None, **fields):
        """Calls a method; with `messages`, each the fields of one, a method that takes a stream."""
        request = self.make(method, **fields) if messages is None else (self.make(method, **m) for m in messages)
        metadata = [("authorization", f"Bearer {credential}")] if credential else []
        return getattr(self.stub, method)(request, metadata=metadata, timeout=TIMEOUT)

    def refuses(self, code, reason, method, credential=None, messages=None, **fields):
        """Calls a method that must be refused, for a reason of the contract."""
        what = f"{method}: {code.name}" + (f" {reason}" if reason else "")
        try:
            answer = self.call(method, credential, messages, **fields)
            if not hasattr(answer, "DESCRIPTOR"):
                list(answer)
        except grpc.RpcError as error:
            details = dict(error.trailing_metadata()).get("grpc-status-details-bin", b"")
            self.stack.expect(error.code() == code, f"{what}, and not {error.code().name}")
            self.stack.expect(not reason or reason.encode() in details, what)
            return
        self.stack.expect(False, f"{what}, and not an answer")
