"""How much of a prediction's CPU goes into its verification: the load of the prediction's benchmark."""

import statistics
import sys

import wrk
from suite import POSTGRESQL

CONNECTIONS = 16


def measure(suite, arguments):
    answer = suite.answer()
    # Warms up.
    wrk.predict(suite, answer, CONNECTIONS, arguments.seconds)
    samples = []
    for number in range(arguments.rounds):
        sample = wrk.predict(suite, answer, CONNECTIONS, arguments.seconds)
        samples.append(sample)
        print(f"round {number + 1} {share(sample):6.2%} of {services(sample):.3f} ms", file=sys.stderr)
    shares = [share(sample) for sample in samples]
    return {
        "connections": CONNECTIONS,
        "share": statistics.median(shares),
        "share_range": [min(shares), max(shares)],
        "verifier_cpu_milliseconds": statistics.median(sample.cpu["auth-verifier"] for sample in samples),
        "services_cpu_milliseconds": statistics.median(map(services, samples)),
        "calls_per_second": statistics.median(sample.calls_per_second for sample in samples),
    }


def services(sample):
    return sum(cpu for name, cpu in sample.cpu.items() if name != POSTGRESQL)


def share(sample):
    return sample.cpu["auth-verifier"] / services(sample)
