"""Whether what a service takes stays the same, although its processes are started again now and then."""

import statistics
from dataclasses import dataclass

from processes import MIB

# What may be added to a value: the more of a number and of a share of the value.
ALLOWED = {"rss": (8 * MIB, 0.05), "anonymous": (8 * MIB, 0.05), "descriptors": (16, 0), "threads": (4, 0)}


@dataclass
class Point:
    """A look at a process: when, and how old the process was, in seconds."""

    time: float
    age: float
    rss: int
    anonymous: int
    descriptors: int
    threads: int
    cpu: float


@dataclass
class Growth:
    """A measure of a service, early and late."""

    service: str
    measure: str
    over: str
    early: float
    late: float

    @property
    def is_allowed(self):
        least, share = ALLOWED[self.measure]
        return self.late - self.early <= max(least, share * self.early)


def growths(points, steady):
    """Every comparison there is, for the points of each service after the time `steady`.

    Two of each measure. Over the run: the first quarter of the steady time against its last quarter, which shows what
    outlasts a process. Over a life: what processes took when they were between a quarter and half as old as the oldest
    ever was, against the last quarter of that age, whatever the time; which shows what a process gathers. Medians, as
    all ages are met in every quarter of a long run.
    """
    for service, all_points in points.items():
        after = [point for point in all_points if point.time >= steady]
        if len(after) < 8:
            continue
        end, oldest = max(point.time for point in after), max(point.age for point in all_points)
        quarter = (end - steady) / 4
        pairs = {
            "run": (
                [point for point in after if point.time <= steady + quarter],
                [point for point in after if point.time >= end - quarter]),
            "life": (
                [point for point in all_points if oldest / 4 <= point.age <= oldest / 2],
                [point for point in all_points if point.age >= 3 * oldest / 4]),
        }
        for over, (early, late) in pairs.items():
            if early and late:
                for measure in ALLOWED:
                    yield Growth(service, measure, over, _median(early, measure), _median(late, measure))


def _median(points, measure):
    return statistics.median(getattr(point, measure) for point in points)
