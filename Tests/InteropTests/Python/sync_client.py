"""The client's side of the cases, with grpcio's blocking API."""

import queue
import time

import grpc

import testing
from testing import empty, expect, expect_status, expect_zeros, messages, services


class Cases:
    def __init__(self, channel, lacking):
        self.service = services.TestServiceStub(channel)
        self.unimplemented = services.UnimplementedServiceStub(channel)
        self.lacking = lacking

    def call(self, method, request, **options):
        return method(request, timeout=testing.TIMEOUT, **options)

    def fails(self, code, call, message=None):
        try:
            call()
        except grpc.RpcError as error:
            expect_status(error, code, message)
        else:
            raise testing.Failure(f"the call succeeded, and should have ended with {code}")

    def empty_unary(self):
        expect(self.call(self.service.EmptyCall, empty.Empty()), empty.Empty(), "the response")

    def large_unary(self):
        response = self.call(self.service.UnaryCall, testing.large_request())
        expect_zeros(response.payload, 314159, "the response's payload")

    def client_streaming(self):
        requests = (testing.input_request(size) for size in testing.REQUEST_SIZES)
        response = self.call(self.service.StreamingInputCall, requests)
        expect(response.aggregated_payload_size, 74922, "aggregated_payload_size")

    def server_streaming(self):
        request = testing.output_request(testing.RESPONSE_SIZES)
        responses = list(self.call(self.service.StreamingOutputCall, request))
        expect(len(responses), 4, "the number of responses")
        for response, size in zip(responses, testing.RESPONSE_SIZES):
            expect_zeros(response.payload, size, "a response's payload")

    def ping_pong(self):
        requests = queue.Queue()
        responses = self.call(self.service.FullDuplexCall, iter(requests.get, None))
        for request_size, response_size in zip(testing.REQUEST_SIZES, testing.RESPONSE_SIZES):
            requests.put(testing.output_request((response_size,), request_size))
            expect_zeros(next(responses).payload, response_size, "a response's payload")
        requests.put(None)
        expect(list(responses), [], "further responses")

    def empty_stream(self):
        expect(list(self.call(self.service.FullDuplexCall, iter(()))), [], "the responses")

    def client_compressed_unary(self):
        request = testing.large_request(expect_compressed=messages.BoolValue(value=True))
        if "server_sees_compression" not in self.lacking:
            self.fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: self.call(self.service.UnaryCall, request))
        response = self.call(self.service.UnaryCall, request, compression=grpc.Compression.Gzip)
        expect_zeros(response.payload, 314159, "the first payload")
        request.expect_compressed.value = False
        response = self.call(self.service.UnaryCall, request, compression=grpc.Compression.NoCompression)
        expect_zeros(response.payload, 314159, "the second payload")

    def client_compressed_streaming(self):
        def compressed():
            return testing.input_request(27182, expect_compressed=messages.BoolValue(value=True))

        plain = testing.input_request(45904, expect_compressed=messages.BoolValue(value=False))
        if "server_sees_compression" not in self.lacking:
            self.fails(
                grpc.StatusCode.INVALID_ARGUMENT,
                lambda: self.call(self.service.StreamingInputCall, iter([compressed()])),
            )
        response = self.call(
            self.service.StreamingInputCall, iter([compressed(), plain]), compression=grpc.Compression.Gzip
        )
        expect(response.aggregated_payload_size, 73086, "aggregated_payload_size")

    def server_compressed_unary(self):
        for compressed in (True, False):
            request = testing.large_request(response_compressed=messages.BoolValue(value=compressed))
            response = self.call(self.service.UnaryCall, request)
            expect_zeros(response.payload, 314159, f"the payload when response_compressed is {compressed}")

    def server_compressed_streaming(self):
        responses = list(self.call(self.service.StreamingOutputCall, testing.compressed_output_request()))
        expect(len(responses), 2, "the number of responses")
        for response, size in zip(responses, (31415, 92653)):
            expect_zeros(response.payload, size, "a response's payload")

    def timeout_on_sleeping_server(self):
        # The time is not for connecting.
        self.empty_unary()
        requests = queue.Queue()
        requests.put(testing.output_request((), 27182))
        responses = self.service.FullDuplexCall(iter(requests.get, None), timeout=0.001)
        self.fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(responses))
        requests.put(None)

    def cancel_after_begin(self):
        requests = queue.Queue()
        call = self.service.StreamingInputCall.future(iter(requests.get, None), timeout=testing.TIMEOUT)
        call.cancel()
        requests.put(None)
        expect(call.cancelled(), True, "whether the call is cancelled")
        expect(call.code(), grpc.StatusCode.CANCELLED, "the status code")

    def cancelled_handler(self):
        metadata = testing.call_metadata()
        requests = queue.Queue()
        call = self.service.StreamingInputCall.future(
            iter(requests.get, None), timeout=testing.TIMEOUT, metadata=metadata
        )
        self.wait_for("begun", metadata)
        call.cancel()
        requests.put(None)
        expect(call.code(), grpc.StatusCode.CANCELLED, "the status code")
        self.wait_for("cancelled", metadata)

    def wait_for(self, state, metadata):
        deadline = time.monotonic() + testing.TIMEOUT
        while True:
            _, call = self.service.EmptyCall.with_call(empty.Empty(), metadata=metadata, timeout=testing.TIMEOUT)
            if testing.is_in_state(state, call.trailing_metadata(), deadline, time.monotonic()):
                break
            time.sleep(0.001)

    def cancel_after_first_response(self):
        requests = queue.Queue()
        requests.put(testing.output_request((31415,), 27182))
        responses = self.call(self.service.FullDuplexCall, iter(requests.get, None))
        expect_zeros(next(responses).payload, 31415, "the first response's payload")
        responses.cancel()
        self.fails(grpc.StatusCode.CANCELLED, lambda: next(responses))
        requests.put(None)

    def custom_metadata(self):
        response, call = self.service.UnaryCall.with_call(
            testing.large_request(), metadata=testing.METADATA, timeout=testing.TIMEOUT
        )
        expect_zeros(response.payload, 314159, "the response's payload")
        testing.expect_echo(call.initial_metadata(), call.trailing_metadata())
        responses = self.call(
            self.service.FullDuplexCall, iter([testing.output_request((314159,), 271828)]), metadata=testing.METADATA
        )
        expect_zeros(next(responses).payload, 314159, "the response's payload")
        expect(list(responses), [], "further responses")
        testing.expect_echo(responses.initial_metadata(), responses.trailing_metadata())

    def status_code_and_message(self):
        self.fails_with(testing.STATUS)
        request = messages.StreamingOutputCallRequest(response_status=testing.STATUS)
        self.fails(
            grpc.StatusCode.UNKNOWN,
            lambda: list(self.call(self.service.FullDuplexCall, iter([request]))),
            testing.STATUS.message,
        )

    def special_status_message(self):
        self.fails_with(testing.SPECIAL_STATUS)

    def every_status_code(self):
        for code in testing.ERRORS:
            number = code.value[0]
            self.fails_with(messages.EchoStatus(code=number, message=f"status {number}"), code)

    def fails_with(self, status, code=grpc.StatusCode.UNKNOWN):
        request = messages.SimpleRequest(response_status=status)
        self.fails(code, lambda: self.call(self.service.UnaryCall, request), status.message)

    def unimplemented_method(self):
        self.fails(
            grpc.StatusCode.UNIMPLEMENTED, lambda: self.call(self.service.UnimplementedCall, empty.Empty())
        )

    def unimplemented_service(self):
        self.fails(
            grpc.StatusCode.UNIMPLEMENTED, lambda: self.call(self.unimplemented.UnimplementedCall, empty.Empty())
        )


def main():
    lacking, cases = testing.arguments()
    for name, port in cases:
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                getattr(Cases(channel, lacking), name)()
            testing.report(name)
        except Exception as error:  # whatever it is, it is the case's outcome
            testing.report(name, error)


main()
