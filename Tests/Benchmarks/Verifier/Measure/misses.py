"""Verify of tokens that the verifier has never seen, beside pgbench with the select that a look-up makes."""

import itertools
import pathlib
import statistics
import sys
import tempfile

import usage
from caller import HAS_CREDENTIAL, IS_VALID, LOOKUP, VERIFY, Messages
from credentials import TAIL, fnv1a
from suite import POSTGRESQL

CLIENTS = 16
TOKENS = 250_000
BEGIN = "SELECT log.revision"
LABELS = {
    "pgbench": "pgbench, the same select", "verify": "Verify of an unseen token", "lookup": "LookupCredential",
    "cached": "Verify of a cached token",
}
# The processes that take part, and whose time is worth knowing.
PROCESSES = {
    "pgbench": [POSTGRESQL], "verify": [POSTGRESQL, "token-service", "auth-verifier"],
    "lookup": [POSTGRESQL, "token-service"], "cached": ["auth-verifier"],
}


def measure(suite, database, credentials, arguments):
    credentials.grow(TOKENS)
    credentials.add_numbered(TOKENS)
    samples = {name: [] for name in LABELS}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        verify = Messages(folder / "verify", map(credentials.verify_message, range(TOKENS)))
        lookup = Messages(folder / "lookup", map(credentials.lookup_message, range(TOKENS)))
        same = Messages(folder / "same", itertools.repeat(credentials.verify_message(0), TOKENS))
        verifier, token_service = (suite.stack.address(slot) for slot in ("auth-verifier 1", "token-service 1"))
        script = pgbench_script(database, lambda: lookup.send(token_service, LOOKUP, HAS_CREDENTIAL, seconds=0.2))
        next_token = 0

        def unseen(seconds):
            nonlocal next_token
            outcome = verify.send(verifier, VERIFY, IS_VALID, next_token, CLIENTS, seconds=seconds)
            next_token = outcome.next
            return outcome

        work = {
            "pgbench": lambda seconds: database.bench(script, CLIENTS, seconds),
            "verify": unseen,
            "lookup": lambda seconds: lookup.send(
                token_service, LOOKUP, HAS_CREDENTIAL, connections=CLIENTS, seconds=seconds),
            "cached": lambda seconds: same.send(verifier, VERIFY, IS_VALID, connections=CLIENTS, seconds=seconds),
        }
        # Warms up.
        for make in work.values():
            make(1)
        for number in range(arguments.rounds):
            for name, make in work.items():
                if name == "verify" and next_token >= TOKENS:
                    raise SystemExit(f"All {TOKENS} tokens were verified: make fewer rounds, or shorter ones")
                outcome, costs = usage.during(lambda: make(arguments.seconds), suite.groups)
                samples[name].append((outcome, costs))
                print(f"round {number + 1} {name:8} {outcome.calls_per_second:7.0f}/s", file=sys.stderr)
    return [summary(name, taken) for name, taken in samples.items()]


def pgbench_script(database, use):
    """The look-up's own statement, of a random one of the rows whose keys pgbench can compute."""
    statement = database.statement(BEGIN, use)
    if statement.count("$1") != 1 or "$2" in statement:
        raise SystemExit(f"A look-up's statement has other parameters than one hash: {statement}")
    key = "(int8send({}) || '\\x" + TAIL.hex() + "'::bytea)"
    script = (
        f"\\set number random(1, {TOKENS})\n\\set hash hash_fnv1a(:number, 0)\n"
        + statement.replace("$1", key.format(":hash")) + ";\n")
    row = database.ask(statement.replace("$1", key.format(f"({fnv1a(1)})::bigint")))
    if "access_token" not in row:
        raise SystemExit("pgbench would find no rows")
    return script


def summary(name, samples):
    outcomes = [outcome for outcome, _ in samples]

    def median(measure):
        return statistics.median(map(measure, outcomes))

    def cost(process):
        return statistics.median(
            costs[process].cpu_seconds * 1e6 / outcome.calls for outcome, costs in samples)

    rates = [outcome.calls_per_second for outcome in outcomes]
    processes = PROCESSES[name]
    return {
        "name": name,
        "label": LABELS[name],
        "calls_per_second": statistics.median(rates),
        "calls_per_second_range": [min(rates), max(rates)],
        "p50_milliseconds": None if name == "pgbench" else median(lambda outcome: outcome.p50),
        "p99_milliseconds": None if name == "pgbench" else median(lambda outcome: outcome.p99),
        "cpu_microseconds": {process: cost(process) for process in processes},
    }
