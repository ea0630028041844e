"""grpc.testing.TestService with grpcio's blocking API. Prints its port, and ends when its input does."""

import concurrent.futures
import sys
import time

import grpc

import testing
from testing import empty, messages, services


class TestService(services.TestServiceServicer):
    def __init__(self):
        self.observed = testing.ObservedCalls()

    def EmptyCall(self, request, context):
        context.set_trailing_metadata(self.observed.state(context))
        return empty.Empty()

    def UnaryCall(self, request, context):
        self.begin(context)
        self.end_as_asked(request, context)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        return messages.SimpleResponse(payload=self.payload(request.response_type, request.response_size, context))

    def StreamingInputCall(self, requests, context):
        self.begin(context)
        self.observed.note("begun", context)
        try:
            size = sum(len(request.payload.body) for request in requests)
        except grpc.RpcError:
            self.observed.note("cancelled", context)
            raise
        self.observed.note("ended", context)
        return messages.StreamingInputCallResponse(aggregated_payload_size=size)

    def StreamingOutputCall(self, request, context):
        if any(parameters.compressed.value for parameters in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        self.begin(context)
        yield from self.answers(request, context)

    def FullDuplexCall(self, requests, context):
        self.begin(context)
        for request in requests:
            yield from self.answers(request, context)

    def HalfDuplexCall(self, requests, context):
        self.begin(context)
        for request in list(requests):
            yield from self.answers(request, context)

    def begin(self, context):
        initial, trailing = testing.echoed(context)
        context.set_trailing_metadata(trailing)
        if initial:
            context.send_initial_metadata(initial)

    def end_as_asked(self, request, context):
        code = testing.status_code(request.response_status)
        if code is not None:
            context.abort(code, request.response_status.message)

    def payload(self, kind, size, context):
        payload = testing.response_payload(kind, size)
        if payload is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"There is no payload of type {kind} and size {size}.")
        return payload

    def answers(self, request, context):
        self.end_as_asked(request, context)
        for parameters in request.response_parameters:
            time.sleep(parameters.interval_us / 1e6)
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            yield messages.StreamingOutputCallResponse(
                payload=self.payload(request.response_type, parameters.size, context)
            )


def main():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
    services.add_TestServiceServicer_to_server(TestService(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()
    server.stop(grace=None).wait()


main()
