"""Every module that was generated from Protos, and what they declare."""

import importlib
import os
import sys

import grpc
from google.protobuf import descriptor_pool, symbol_database

# protoc put `grpc.health` and `grpc.reflection` beside the library's own package of that name.
grpc.__path__ += [os.path.join(folder, "grpc") for folder in sys.path if os.path.isdir(os.path.join(folder, "grpc", "health"))]


def _modules():
    for folder in sys.path:
        for package in ("temporis", "envoy", os.path.join("grpc", "health"), os.path.join("grpc", "reflection")):
            for root, _, names in os.walk(os.path.join(folder, package)):
                for name in sorted(names):
                    if name.endswith(("_pb2.py", "_pb2_grpc.py")):
                        path = os.path.relpath(os.path.join(root, name[: -len(".py")]), folder)
                        yield path.replace(os.sep, ".")


modules = {name: importlib.import_module(name) for name in _modules()}


def service(name):
    """The descriptor of a service."""
    return descriptor_pool.Default().FindServiceByName(name)


def message(method, direction):
    """The class of a method's request or response."""
    name, _, short = method.partition("/")
    declared = service(name).methods_by_name[short]
    kind = declared.input_type if direction == "request" else declared.output_type
    return symbol_database.Default().GetSymbol(kind.full_name)


def stub(name, channel):
    """A stub of a service."""
    module = service(name).file.name.replace(".proto", "_pb2_grpc").replace("/", ".")
    return getattr(modules[module], name.rpartition(".")[2] + "Stub")(channel)
