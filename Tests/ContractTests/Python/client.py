"""The services of a running stack, through generated stubs."""

import json
import os

import grpc

import recorder
import stubs

TIMEOUT = 30


def credentials(*paths):
    """Of the paths of the authorities, the key and the certificate chain; the last two may be left out."""
    contents = []
    for path in paths:
        with open(path, "rb") as file:
            contents.append(file.read())
    return grpc.ssl_channel_credentials(*contents)


def connect(address, credentials):
    return grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)


class Stack:
    """A running stack, as its ready.json describes it."""

    def __init__(self, ready_path):
        with open(ready_path, encoding="utf-8") as file:
            self.ready = json.load(file)
        self.calls = set()
        self.outcomes = 0
        self.channels = {}

    def channel(self, process, workload):
        """A channel to a process, as the workload with this name."""
        key = (process, workload)
        if key not in self.channels:
            channel = connect(self.ready["services"][process][0], self.credentials(workload))
            self.channels[key] = grpc.intercept_channel(channel, recorder.Recorder(process, self.calls))
        return self.channels[key]

    def credentials(self, workload="client"):
        """How a workload proves who it is; nothing on a stack that speaks plaintext."""
        tls = self.ready["tls"]
        if tls is None:
            return None
        if workload == "client":
            return credentials(tls["ca"], tls["client_key"], tls["client_certificate"])
        folder = os.path.dirname(tls["ca"])
        return credentials(tls["ca"], f"{folder}/{workload}.key", f"{folder}/{workload}.pem")

    def stub(self, process, service, workload="client"):
        return Service(self, stubs.stub(service, self.channel(process, workload)), stubs.service(service))

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
