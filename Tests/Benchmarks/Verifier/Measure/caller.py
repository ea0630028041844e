"""Calls that each send another message, from a process that costs about as little as h2load."""

import json
import pathlib
import subprocess
from dataclasses import dataclass

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / ".build" / "caller"
VERIFY = "/temporis.verifier.v1.VerifierService/Verify"
LOOKUP = "/temporis.token.v1.CredentialService/LookupCredential"
# How the answers begin: with the verdict VALID, and with a credential.
IS_VALID, HAS_CREDENTIAL = "0801", "0a"


@dataclass
class Outcome:
    """What became of the calls. `next` is the first message that was not sent."""

    calls: int
    next: int
    calls_per_second: float
    p50: float
    p99: float


class Messages:
    """Messages of one length in a file, each sent once."""

    def __init__(self, file, messages):
        self.file, self.length = file, 0
        with open(file, "wb") as output:
            for message in messages:
                self.length = len(message)
                output.write(message)

    def send(self, address, path, prefix, first=0, connections=16, streams=1, seconds=3600):
        """Makes calls until there are no messages or time is up; ends the benchmark unless each succeeds."""
        words = [PROGRAM, address[1], path, self.file, self.length, first, connections, streams, seconds, prefix]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"Calls of {path} failed: {done.stderr.strip()}")
        outcome = json.loads(done.stdout)
        if outcome["failures"] or not outcome["calls"]:
            raise SystemExit(f"Calls of {path} failed: {done.stderr.strip()} {outcome}")
        return Outcome(
            outcome["calls"], outcome["next"], outcome["calls"] / outcome["seconds"], outcome["p50"] / 1000,
            outcome["p99"] / 1000)
