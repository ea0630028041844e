"""wrk's load on the public API: predictions, each answered and whole, and what they cost."""

import json
import os
import pathlib
import subprocess
from dataclasses import dataclass

import usage

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "Predict" / "prediction.lua"


@dataclass
class Sample:
    """One run of wrk. CPU is in milliseconds and sleeps are counted, both for a call and by process."""

    cpu: dict
    sleeps: dict
    calls_per_second: float
    p50: float
    p99: float


def predict(server, answer, connections, seconds):
    """Calls a server for some seconds; ends the benchmark unless each call was answered in full."""
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-s", SCRIPT, server.url]
    environment = os.environ | {"TEMPORIS_TOKEN": server.token, "TEMPORIS_PROFILE": server.profile}
    done, costs = usage.during(
        lambda: subprocess.run(command, env=environment, capture_output=True, text=True, check=True), server.groups)
    outcome = json.loads(done.stdout.splitlines()[-1])
    calls = outcome["calls"]
    # Predictions differ by some digits.
    if not calls or outcome["failures"] or outcome["bytes"] < 0.9 * calls * len(answer):
        raise SystemExit(f"{server.label}: calls failed under load: {outcome}")
    return Sample(
        {name: cost.cpu_seconds * 1000 / calls for name, cost in costs.items()},
        {name: cost.sleeps / calls for name, cost in costs.items()},
        calls / outcome["seconds"], outcome["p50"], outcome["p99"])
