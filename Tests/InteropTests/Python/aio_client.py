"""The client's side of the cases, with grpcio's asynchronous API."""

import asyncio
import time

import grpc

import testing
from testing import empty, expect, expect_status, expect_zeros, messages, services


async def collect(responses):
    return [response async for response in responses]


async def each(*requests):
    for request in requests:
        yield request


async def then_wait(request):
    """Sends a request and leaves the stream open."""
    yield request
    await asyncio.sleep(testing.TIMEOUT)


class Cases:
    def __init__(self, channel, lacking):
        self.service = services.TestServiceStub(channel)
        self.unimplemented = services.UnimplementedServiceStub(channel)
        self.lacking = lacking

    def call(self, method, request, **options):
        return method(request, timeout=testing.TIMEOUT, **options)

    async def fails(self, code, call, message=None):
        try:
            await call
        except grpc.RpcError as error:
            expect_status(error, code, message)
        else:
            raise testing.Failure(f"the call succeeded, and should have ended with {code}")

    async def empty_unary(self):
        expect(await self.call(self.service.EmptyCall, empty.Empty()), empty.Empty(), "the response")

    async def large_unary(self):
        response = await self.call(self.service.UnaryCall, testing.large_request())
        expect_zeros(response.payload, 314159, "the response's payload")

    async def client_streaming(self):
        requests = each(*(testing.input_request(size) for size in testing.REQUEST_SIZES))
        response = await self.call(self.service.StreamingInputCall, requests)
        expect(response.aggregated_payload_size, 74922, "aggregated_payload_size")

    async def server_streaming(self):
        request = testing.output_request(testing.RESPONSE_SIZES)
        responses = await collect(self.call(self.service.StreamingOutputCall, request))
        expect(len(responses), 4, "the number of responses")
        for response, size in zip(responses, testing.RESPONSE_SIZES):
            expect_zeros(response.payload, size, "a response's payload")

    async def ping_pong(self):
        call = self.service.FullDuplexCall(timeout=testing.TIMEOUT)
        for request_size, response_size in zip(testing.REQUEST_SIZES, testing.RESPONSE_SIZES):
            await call.write(testing.output_request((response_size,), request_size))
            expect_zeros((await call.read()).payload, response_size, "a response's payload")
        await call.done_writing()
        expect(await call.read(), grpc.aio.EOF, "what follows")
        expect(await call.code(), grpc.StatusCode.OK, "the status code")

    async def empty_stream(self):
        call = self.service.FullDuplexCall(timeout=testing.TIMEOUT)
        await call.done_writing()
        expect(await call.read(), grpc.aio.EOF, "what follows")
        expect(await call.code(), grpc.StatusCode.OK, "the status code")

    async def client_compressed_unary(self):
        request = testing.large_request(expect_compressed=messages.BoolValue(value=True))
        if "server_sees_compression" not in self.lacking:
            await self.fails(grpc.StatusCode.INVALID_ARGUMENT, self.call(self.service.UnaryCall, request))
        response = await self.call(self.service.UnaryCall, request, compression=grpc.Compression.Gzip)
        expect_zeros(response.payload, 314159, "the first payload")
        request.expect_compressed.value = False
        response = await self.call(self.service.UnaryCall, request, compression=grpc.Compression.NoCompression)
        expect_zeros(response.payload, 314159, "the second payload")

    async def client_compressed_streaming(self):
        compressed = testing.input_request(27182, expect_compressed=messages.BoolValue(value=True))
        plain = testing.input_request(45904, expect_compressed=messages.BoolValue(value=False))
        if "server_sees_compression" not in self.lacking:
            await self.fails(
                grpc.StatusCode.INVALID_ARGUMENT, self.call(self.service.StreamingInputCall, each(compressed))
            )
        response = await self.call(
            self.service.StreamingInputCall, each(compressed, plain), compression=grpc.Compression.Gzip
        )
        expect(response.aggregated_payload_size, 73086, "aggregated_payload_size")

    async def server_compressed_unary(self):
        for compressed in (True, False):
            request = testing.large_request(response_compressed=messages.BoolValue(value=compressed))
            response = await self.call(self.service.UnaryCall, request)
            expect_zeros(response.payload, 314159, f"the payload when response_compressed is {compressed}")

    async def server_compressed_streaming(self):
        responses = await collect(self.call(self.service.StreamingOutputCall, testing.compressed_output_request()))
        expect(len(responses), 2, "the number of responses")
        for response, size in zip(responses, (31415, 92653)):
            expect_zeros(response.payload, size, "a response's payload")

    async def timeout_on_sleeping_server(self):
        # The time is not for connecting.
        await self.empty_unary()
        responses = self.service.FullDuplexCall(then_wait(testing.output_request((), 27182)), timeout=0.001)
        await self.fails(grpc.StatusCode.DEADLINE_EXCEEDED, collect(responses))

    async def cancel_after_begin(self):
        call = self.service.StreamingInputCall(timeout=testing.TIMEOUT)
        call.cancel()
        expect(call.cancelled(), True, "whether the call is cancelled")
        expect(await call.code(), grpc.StatusCode.CANCELLED, "the status code")

    async def cancelled_handler(self):
        metadata = testing.call_metadata()
        call = self.service.StreamingInputCall(timeout=testing.TIMEOUT, metadata=metadata)
        await self.wait_for("begun", metadata)
        call.cancel()
        expect(await call.code(), grpc.StatusCode.CANCELLED, "the status code")
        await self.wait_for("cancelled", metadata)

    async def wait_for(self, state, metadata):
        deadline = time.monotonic() + testing.TIMEOUT
        while True:
            call = self.service.EmptyCall(empty.Empty(), metadata=metadata, timeout=testing.TIMEOUT)
            if testing.is_in_state(state, await call.trailing_metadata(), deadline, time.monotonic()):
                break
            await asyncio.sleep(0.001)

    async def cancel_after_first_response(self):
        call = self.service.FullDuplexCall(timeout=testing.TIMEOUT)
        await call.write(testing.output_request((31415,), 27182))
        expect_zeros((await call.read()).payload, 31415, "the first response's payload")
        call.cancel()
        try:
            await call.read()
        except asyncio.CancelledError:
            expect(await call.code(), grpc.StatusCode.CANCELLED, "the status code")
        else:
            raise testing.Failure("a cancelled call could be read")

    async def custom_metadata(self):
        call = self.call(self.service.UnaryCall, testing.large_request(), metadata=testing.METADATA)
        expect_zeros((await call).payload, 314159, "the response's payload")
        testing.expect_echo(await call.initial_metadata(), await call.trailing_metadata())
        call = self.call(
            self.service.FullDuplexCall, each(testing.output_request((314159,), 271828)), metadata=testing.METADATA
        )
        responses = await collect(call)
        expect(len(responses), 1, "the number of responses")
        expect_zeros(responses[0].payload, 314159, "the response's payload")
        testing.expect_echo(await call.initial_metadata(), await call.trailing_metadata())

    async def status_code_and_message(self):
        await self.fails_with(testing.STATUS)
        request = messages.StreamingOutputCallRequest(response_status=testing.STATUS)
        await self.fails(
            grpc.StatusCode.UNKNOWN,
            collect(self.call(self.service.FullDuplexCall, each(request))),
            testing.STATUS.message,
        )

    async def special_status_message(self):
        await self.fails_with(testing.SPECIAL_STATUS)

    async def every_status_code(self):
        for code in testing.ERRORS:
            number = code.value[0]
            await self.fails_with(messages.EchoStatus(code=number, message=f"status {number}"), code)

    async def fails_with(self, status, code=grpc.StatusCode.UNKNOWN):
        request = messages.SimpleRequest(response_status=status)
        await self.fails(code, self.call(self.service.UnaryCall, request), status.message)

    async def unimplemented_method(self):
        await self.fails(
            grpc.StatusCode.UNIMPLEMENTED, self.call(self.service.UnimplementedCall, empty.Empty())
        )

    async def unimplemented_service(self):
        await self.fails(
            grpc.StatusCode.UNIMPLEMENTED, self.call(self.unimplemented.UnimplementedCall, empty.Empty())
        )


async def main():
    lacking, cases = testing.arguments()
    for name, port in cases:
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                await getattr(Cases(channel, lacking), name)()
            testing.report(name)
        except (Exception, asyncio.CancelledError) as error:  # whatever it is, it is the case's outcome
            testing.report(name, error)


asyncio.run(main())
