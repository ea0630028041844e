"""The echo service on grpc.aio."""

import asyncio

import grpc
import grpc.aio
from google.protobuf import wrappers_pb2


async def unary(request, _):
    return wrappers_pb2.StringValue(value=request.value)


async def main():
    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        unary,
        request_deserializer=wrappers_pb2.StringValue.FromString,
        response_serializer=wrappers_pb2.StringValue.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("benchmark.Echo", {"Unary": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


asyncio.run(main())
