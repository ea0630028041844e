"""grpc.testing.TestService with grpcio's asynchronous API. Prints its port, and ends when its input does."""

import asyncio
import sys

import grpc

import testing
from testing import empty, messages, services


class TestService(services.TestServiceServicer):
    def __init__(self):
        self.observed = testing.ObservedCalls()

    async def EmptyCall(self, request, context):
        context.set_trailing_metadata(self.observed.state(context))
        return empty.Empty()

    async def UnaryCall(self, request, context):
        await self.end_as_asked(request, context)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        await self.begin(context)
        payload = await self.payload(request.response_type, request.response_size, context)
        return messages.SimpleResponse(payload=payload)

    async def StreamingInputCall(self, requests, context):
        await self.begin(context)
        self.observed.note("begun", context)
        size = 0
        try:
            async for request in requests:
                size += len(request.payload.body)
        except asyncio.CancelledError:
            self.observed.note("cancelled", context)
            raise
        self.observed.note("ended", context)
        return messages.StreamingInputCallResponse(aggregated_payload_size=size)

    async def StreamingOutputCall(self, request, context):
        if any(parameters.compressed.value for parameters in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        await self.begin(context)
        async for answer in self.answers(request, context):
            yield answer

    async def FullDuplexCall(self, requests, context):
        await self.begin(context)
        async for request in requests:
            async for answer in self.answers(request, context):
                yield answer

    async def HalfDuplexCall(self, requests, context):
        await self.begin(context)
        for request in [request async for request in requests]:
            async for answer in self.answers(request, context):
                yield answer

    async def begin(self, context):
        initial, trailing = testing.echoed(context)
        context.set_trailing_metadata(trailing)
        # Always: what is sent without a word from the handler doesn't announce compression.
        await context.send_initial_metadata(initial)

    async def end_as_asked(self, request, context):
        code = testing.status_code(request.response_status)
        if code is not None:
            await context.abort(code, request.response_status.message)

    async def payload(self, kind, size, context):
        payload = testing.response_payload(kind, size)
        if payload is None:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"There is no payload of type {kind} and size {size}."
            )
        return payload

    async def answers(self, request, context):
        await self.end_as_asked(request, context)
        for parameters in request.response_parameters:
            await asyncio.sleep(parameters.interval_us / 1e6)
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            yield messages.StreamingOutputCallResponse(
                payload=await self.payload(request.response_type, parameters.size, context)
            )


async def main():
    server = grpc.aio.server()
    services.add_TestServiceServicer_to_server(TestService(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(grace=None)


asyncio.run(main())
