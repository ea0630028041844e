"""What a verifier takes for a million cached tokens."""

import pathlib
import re
import sys
import tempfile
import time
import urllib.request

from caller import IS_VALID, VERIFY, Messages
from verifier import Verifier

TOKENS = 1_000_000
SETTINGS = {
    # Room for all of them although its parts do not fill evenly.
    "TEMPORIS_CACHED_CREDENTIALS": str(TOKENS * 21 // 20),
    # The client's connections must last as long as it takes.
    "TEMPORIS_MAX_CONNECTION_AGE": "86400",
}


def measure(suite, credentials):
    credentials.grow(TOKENS)
    with tempfile.TemporaryDirectory() as folder, Verifier(suite.stack, settings=SETTINGS) as verifier:
        messages = Messages(pathlib.Path(folder, "verify"), map(credentials.verify_message, range(TOKENS)))
        before = verifier.memory("VmRSS")
        outcome = messages.send(verifier.address, VERIFY, IS_VALID, streams=8)
        # What the calls took besides is given back by now, if it is.
        time.sleep(10)
        after = verifier.memory("VmRSS")
        mebibytes = (after - before) / 1024
        print(
            f"{outcome.calls:,} tokens looked up at {outcome.calls_per_second:,.0f}/s: {mebibytes:.0f} MiB",
            file=sys.stderr)
        looked_up = lookups(suite)
        messages.send(verifier.address, VERIFY, IS_VALID, streams=8)
        forgotten = lookups(suite) - looked_up
        if forgotten:
            raise SystemExit(f"{forgotten:,} of {TOKENS:,} tokens were not cached")
    return {
        "tokens": TOKENS, "before_kib": before, "after_kib": after, "mebibytes": mebibytes,
        "filling_calls_per_second": outcome.calls_per_second,
    }


def lookups(suite):
    """How many look-ups the token-service has answered."""
    (address,) = suite.stack.ready["admin"]["token-service"]
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    counts = re.findall(r"^grpc_server_handled_total\{.*/LookupCredentials?\".*\} ([\d.]+)$", text, re.MULTILINE)
    return int(sum(map(float, counts)))
