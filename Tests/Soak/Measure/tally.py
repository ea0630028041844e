"""What became of every call: counts, times, and what no rule explains."""

import time
from array import array
from collections import Counter

import tokens

EXAMPLES = 20
# How a connection may end while the gateway is started again: never within an answer.
EXCUSABLE = {"refused", "reset", "closed"}


class Tally:
    """Counts by kind and status.

    A status is good when its kind expects it. It is explained when a connection ended before any answer while the
    gateway itself was being started again: `excuse` says so of a span of time. Everything else is unexplained.
    """

    def __init__(self, excuse=lambda begin, end: False):
        self.excuse = excuse
        self.begin = time.monotonic()
        self.counts = Counter()
        self.times = {}
        self.seconds = Counter()
        self.unexplained = Counter()
        self.examples = []

    def add(self, kind, status, begin, good, body=b""):
        """Counts a call that began at `begin` and has just ended."""
        end = time.monotonic()
        self.seconds[int(end - self.begin)] += 1
        if good:
            self.times.setdefault(kind, array("d")).append(end - begin)
        elif status in EXCUSABLE and self.excuse(begin, end):
            status += ", gateway restarting"
        else:
            self.unexplained[kind, status] += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append({
                    "second": round(begin - self.begin, 2), "took": round(end - begin, 3), "kind": kind,
                    "status": status, "body": tokens.scrubbed(body[:200].decode("utf-8", "replace")),
                })
        self.counts[kind, status] += 1

    def percentiles(self, kind):
        """p50 and p99 of a kind's good calls, in seconds."""
        times = sorted(self.times.get(kind, []))
        return (times[len(times) // 2], times[len(times) * 99 // 100]) if times else None
