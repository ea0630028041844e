"""Whether a deleted token ever works again, on real processes to which things happen."""

import argparse
import collections
import random
import statistics
import sys
import threading
import time

import grpc

from temporis.token.v1 import access_token_service_pb2 as tokens
from temporis.verifier.v1 import verifier_service_pb2 as verifier

from faults import Faults, prepare_network
from stack import Stack

VERIFIERS, TOKEN_SERVICES = 3, 2
WORKERS = 32
# The default lease of the token-service, in seconds, and what a deletion may take beyond it when a verifier is dead.
LEASE, BEYOND = 2.0, 0.5
VALID = verifier.VERDICT_VALID
TOKEN_METHOD = "/temporis.token.v1.AccessTokenService/"
VERIFY = "/temporis.verifier.v1.VerifierService/Verify"


class Suite:
    """The processes of a stack, each called by itself."""

    def __init__(self, stack):
        self.session = [("authorization", f"Bearer {stack.ready['session']}")]
        tls = stack.ready["tls"]
        paths = (tls["ca"], tls["client_key"], tls["client_certificate"])
        credentials = grpc.ssl_channel_credentials(*(open(path, "rb").read() for path in paths))
        # A channel that was cut connects again soon.
        options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 50)]
        connect = lambda address: grpc.secure_channel(address, credentials, options)
        self.token_services = [connect(address) for address in stack.ready["services"]["token-service"]]
        verifiers = [connect(address) for address in stack.ready["services"]["auth-verifier"]]
        self.verifiers = [
            channel.unary_unary(
                VERIFY, verifier.VerifyRequest.SerializeToString, verifier.VerifyResponse.FromString)
            for channel in verifiers]

    def call(self, replica, method, request, answer, timeout):
        stub = self.token_services[replica].unary_unary(
            TOKEN_METHOD + method, type(request).SerializeToString, answer.FromString)
        return stub(request, metadata=self.session, timeout=timeout)

    def verdicts(self, secret, timeout=1.0):
        """What every verifier says of a token that is sent to all of them now; None where one does not answer."""
        request = verifier.VerifyRequest(authorization=f"Bearer {secret}")
        calls = [verify.future(request, timeout=timeout) for verify in self.verifiers]
        return [None if call.exception() else call.result().verdict for call in calls]


class Run:
    """Deletions until there are enough, and what became of them."""

    def __init__(self, suite, deletions):
        self.suite = suite
        self.wanted = deletions
        self.lock = threading.Lock()
        self.spans = []
        self.stale = []
        self.counts = collections.Counter()
        self.graveyard = []

    def count(self, name, number=1):
        with self.lock:
            self.counts[name] += number

    @property
    def is_over(self):
        return len(self.spans) >= self.wanted

    def work(self, number):
        pick = random.Random(number)
        while not self.is_over:
            try:
                self.one(pick)
            except grpc.RpcError as error:
                self.count(f"given up: {error.code().name}")

    def one(self, pick):
        replica = pick.randrange(TOKEN_SERVICES)
        created = self.suite.call(
            replica, "CreateAccessToken", tokens.CreateAccessTokenRequest(name="chaos"),
            tokens.CreateAccessTokenResponse, 3)
        secret = created.secret
        before = self.suite.verdicts(secret)
        self.count("VALID before the deletion", before.count(VALID))
        self.count("no answer before the deletion", before.count(None))
        begin = self.delete(pick, created.access_token.id)
        answered = time.monotonic()
        after = self.suite.verdicts(secret)
        with self.lock:
            self.spans.append((begin, answered))
            self.graveyard.append((secret, answered))
            del self.graveyard[:-2_000]
        self.judge(after, answered)

    def delete(self, pick, token_id):
        """Deletes a token, again until that was answered; returns when the call that was answered began."""
        while True:
            begin = time.monotonic()
            try:
                self.suite.call(
                    pick.randrange(TOKEN_SERVICES), "DeleteAccessToken",
                    tokens.DeleteAccessTokenRequest(access_token_id=token_id), tokens.DeleteAccessTokenResponse, 10)
                return begin
            except grpc.RpcError as error:
                # An earlier try deleted it, and this one has waited for the verifiers all the same.
                if error.code() == grpc.StatusCode.NOT_FOUND:
                    return begin
                self.count(f"deletion tried again: {error.code().name}")

    def judge(self, verdicts, answered):
        self.count("refused after the deletion", sum(verdict not in (None, VALID) for verdict in verdicts))
        self.count("no answer after the deletion", verdicts.count(None))
        if VALID in verdicts:
            with self.lock:
                self.stale.append(time.monotonic() - answered)

    def revisit(self):
        """Verifies tokens that were deleted some time ago, over and over."""
        pick = random.Random(0)
        while not self.is_over:
            with self.lock:
                grave = pick.choice(self.graveyard) if self.graveyard else None
            if grave:
                self.judge(self.suite.verdicts(grave[0]), grave[1])
            else:
                time.sleep(0.1)

    def load(self, secret):
        """Verifies a token that lives, over and over."""
        while not self.is_over:
            self.count("VALID of a living token", self.suite.verdicts(secret).count(VALID))


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def table(title, spans):
    times = [(end - begin) * 1_000 for begin, end in spans]
    if times:
        print(f"{title:58} {len(times):6} {statistics.median(times):8.1f} {percentile(times, 0.99):8.1f} {max(times):8.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--deletions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--calm", action="store_true", help="nothing happens to the processes")
    parser.add_argument("--bin")
    arguments = parser.parse_args()
    prepare_network()
    # Verifiers that were cut off look all of them up again, and deleted ones among them are unknown.
    settings = {"TEMPORIS_FAILED_ATTEMPTS_PER_MINUTE": "0"}
    with Stack(arguments.bin, f"verifier={VERIFIERS},token={TOKEN_SERVICES}", settings) as stack:
        suite = Suite(stack)
        run = Run(suite, arguments.deletions)
        faults = Faults(stack, arguments.seed)
        threads = [threading.Thread(target=run.work, args=(number,)) for number in range(1 if arguments.calm else WORKERS)]
        threads += [threading.Thread(target=run.revisit), threading.Thread(target=run.load, args=(stack.ready["token"],))]
        chaos = threading.Thread(target=faults.run)
        for thread in threads + ([] if arguments.calm else [chaos]):
            thread.start()
        for thread in threads:
            thread.join()
        faults.is_over = True
        if not arguments.calm:
            chaos.join()
        sys.exit(report(run, faults, arguments.seed))


def report(run, faults, seed):
    print(f"seed {seed}: {len(run.spans)} deletions answered; processes: " + (", ".join(
        f"{kind} {count}" for kind, count in sorted(collections.Counter(
            f"{fault.kind} {fault.slot.split()[0]}" for fault in faults.done).items())) or "left alone"))
    for name, count in sorted(run.counts.items()):
        print(f"  {name}: {count}")
    print(f"{'deletion answered after, ms':58} {'number':>6} {'p50':>8} {'p99':>8} {'max':>8}")
    table("all", run.spans)
    # Since a verifier that comes back after a while registers anew, the fault lasts a lease longer than it was done.
    near = [fault for fault in faults.done]
    touched = lambda begin, end, service: any(
        fault.slot.startswith(service) and fault.begin <= end and begin <= fault.end + LEASE + 1 for fault in near)
    quiet = [span for span in run.spans if not touched(*span, "auth-verifier") and not touched(*span, "token-service")]
    dead = [span for span in run.spans if touched(*span, "auth-verifier") and not touched(*span, "token-service")]
    table("three healthy verifiers", quiet)
    table("a verifier dead, paused or cut off", dead)
    table("a token-service too", [span for span in run.spans if touched(*span, "token-service")])
    longest = max((end - begin for begin, end in dead), default=0)
    failures = []
    if run.stale:
        failures.append(f"{len(run.stale)} verifications accepted a deleted token")
    if longest > LEASE + BEYOND:
        failures.append(f"a deletion took {longest:.2f} s while a verifier was dead; {LEASE + BEYOND} s may be")
    print("FAILED: " + "; ".join(failures) if failures else "0 stale accepts: the guarantee held")
    return 1 if failures else 0


main()
