"""What was called, as the wire saw it."""

import grpc


class Recorder(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Notes every call that goes through a channel."""

    def __init__(self, process, calls):
        self.process = process
        self.calls = calls

    def note(self, kind, continuation, details, request):
        method = details.method.decode() if isinstance(details.method, bytes) else details.method
        self.calls.add((self.process, method.lstrip("/"), kind))
        return continuation(details, request)

    def intercept_unary_unary(self, continuation, details, request):
        return self.note("unary", continuation, details, request)

    def intercept_unary_stream(self, continuation, details, request):
        return self.note("serverStreaming", continuation, details, request)

    def intercept_stream_unary(self, continuation, details, requests):
        return self.note("clientStreaming", continuation, details, requests)

    def intercept_stream_stream(self, continuation, details, requests):
        return self.note("bidirectionalStreaming", continuation, details, requests)
