"""How long DeleteAccessToken takes while all verifiers are well."""

import sys
import time

import grpc

from caller import VERIFY
from temporis.token.v1 import access_token_service_pb2 as tokens
from temporis.verifier.v1 import verifier_service_pb2 as verifier

# Each deleted token is tried once, and one client may not try that many unknown ones.
STACK = {"replicas": "verifier=3,token=2", "settings": {"TEMPORIS_FAILED_ATTEMPTS_PER_MINUTE": "0"}}
DELETIONS = 1_000
WARM_UP = 50
METHOD = "/temporis.token.v1.AccessTokenService/"


def measure(suite):
    ready = suite.stack.ready
    session = [("authorization", f"Bearer {ready['session']}")]
    tls = ready["tls"]
    paths = (tls["ca"], tls["client_key"], tls["client_certificate"])
    credentials = grpc.ssl_channel_credentials(*(open(path, "rb").read() for path in paths))

    def connect(service):
        return [grpc.secure_channel(address, credentials) for address in ready["services"][service]]

    def call(number, name, request, answer):
        channel = token_services[number % len(token_services)]
        stub = channel.unary_unary(METHOD + name, type(request).SerializeToString, answer.FromString)
        return stub(request, metadata=session, timeout=10)

    def check(secret, verdict, when):
        request = verifier.VerifyRequest(authorization=f"Bearer {secret}")
        calls = [verify.future(request, timeout=5) for verify in verifiers]
        if any(call.result().verdict != verdict for call in calls):
            raise SystemExit(f"A verifier judges wrongly {when} a deletion")

    token_services = connect("token-service")
    verifiers = [
        channel.unary_unary(VERIFY, verifier.VerifyRequest.SerializeToString, verifier.VerifyResponse.FromString)
        for channel in connect("auth-verifier")]
    times, waits = [], []
    for number in range(WARM_UP + DELETIONS):
        created = call(
            number, "CreateAccessToken", tokens.CreateAccessTokenRequest(name="benchmark"),
            tokens.CreateAccessTokenResponse)
        # Every verifier has it cached.
        check(created.secret, verifier.VERDICT_VALID, "before")
        request = tokens.DeleteAccessTokenRequest(access_token_id=created.access_token.id)
        begin = time.perf_counter()
        receipt = call(number, "DeleteAccessToken", request, tokens.DeleteAccessTokenResponse).receipt
        times.append((time.perf_counter() - begin) * 1000)
        waits.append(receipt.duration.ToNanoseconds() / 1e6)
        check(created.secret, verifier.VERDICT_INVALID, "after")
        if receipt.confirmations != len(verifiers):
            raise SystemExit(f"{receipt.confirmations} of {len(verifiers)} verifiers have confirmed a deletion")
    times, waits = sorted(times[WARM_UP:]), sorted(waits[WARM_UP:])
    print(f"{len(times)} deletions, the longest {times[-1]:.1f} ms", file=sys.stderr)
    return {
        "deletions": len(times), "p50_milliseconds": percentile(times, 50), "p99_milliseconds": percentile(times, 99),
        "longest_milliseconds": times[-1], "wait_p50_milliseconds": percentile(waits, 50),
        "wait_p99_milliseconds": percentile(waits, 99),
    }


def percentile(values, part):
    return values[len(values) * part // 100]
