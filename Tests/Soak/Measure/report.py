"""The results of a soak, what fails it, and its tables."""

import os
import pathlib
import platform
import statistics

import steady
from processes import MIB


def gather(run, billed, minutes):
    """Everything that is known of a run; `billed`: the predictions on the bill, None when they can't be compared."""
    steady_from = min(600, minutes * 60 / 6)
    # As many points as the plot can show.
    interval = max(5, round(minutes / 4))
    by_service = run.by_service()
    growths = list(steady.growths(by_service, steady_from))
    least, most = run.money.bounds
    results = {
        "machine": f"{model()}; {len(run.stack.slots)} processes on {len(os.sched_getaffinity(0))} cores",
        "minutes": minutes,
        "steady_from": steady_from,
        "limits": {service: run.stack.limits[service] for service in by_service},
        "limits_by": "control groups" if run.stack.groups.folder else "watching",
        "kinds": kinds(run.tally, minutes * 60),
        "services": [service(name, points, steady_from, growths) for name, points in by_service.items()],
        "restarts": [
            {"slot": restart.slot, "second": round(restart.begin - run.begin, 1),
             "took": round(restart.end - restart.begin, 1) if restart.end else None}
            for restart in run.restarts.done],
        "money": {"billed": billed, "least": least, "most": most},
        "unexplained": sum(run.tally.unexplained.values()),
        "examples": run.tally.examples,
        "interval": interval,
        "rate": rates(run.tally, minutes * 60, interval),
        "series": {slot: series(points, interval) for slot, points in run.points.items()},
    }
    results["failures"] = failures(results, run, growths)
    return results


def failures(results, run, growths):
    found = list(run.failures)
    if results["unexplained"]:
        found.append(f"{results['unexplained']} calls ended in a way that nothing explains")
    money = results["money"]
    if money["billed"] is not None and not money["least"] <= money["billed"] <= money["most"]:
        found.append(f"{money['billed']} predictions were billed, not {money['least']} to {money['most']}")
    for growth in growths:
        if not growth.is_allowed:
            found.append(f"{growth.service}: {growth.measure} grew over a {growth.over}: {span(growth)}")
    return found


def kinds(tally, seconds):
    found = []
    for kind in sorted({kind for kind, _ in tally.counts}):
        counts = {status: count for (of, status), count in sorted(tally.counts.items()) if of == kind}
        p50, p99 = tally.percentiles(kind) or (None, None)
        found.append({
            "kind": kind, "counts": counts, "rate": sum(counts.values()) / seconds, "p50": p50, "p99": p99,
            "unexplained": [status for status in counts if (kind, status) in tally.unexplained],
        })
    return found


def service(name, points, steady_from, growths):
    own = [growth for growth in growths if growth.service == name]
    first = [point for point in points if point.time < min(30, steady_from)] or points
    return {
        "service": name,
        "start": {measure: statistics.median(getattr(point, measure) for point in first) for measure in steady.ALLOWED},
        "peak": max(point.rss for point in points),
        "growths": [
            {"measure": growth.measure, "over": growth.over, "early": growth.early, "late": growth.late,
             "allowed": growth.is_allowed} for growth in own],
    }


def series(points, interval):
    """Some of the looks, in order: second, age, RSS and anonymous memory in MiB, descriptors, threads, CPU seconds."""
    taken, last = [], -interval
    for point in points:
        if point.time - last >= interval or point.age == 0:
            last = point.time
            taken.append([
                round(point.time, 1), round(point.age, 1), round(point.rss / MIB, 1), round(point.anonymous / MIB, 1),
                point.descriptors, point.threads, round(point.cpu, 2)])
    return taken


def rates(tally, seconds, interval):
    """Calls a second that ended in each stretch of the run."""
    return [
        round(sum(tally.seconds[second] for second in range(begin, begin + interval)) / interval, 1)
        for begin in range(0, int(seconds) - interval + 1, interval)]


def table(results):
    """Everything for people, in Markdown."""
    lines = [
        f"{results['machine']}. {results['minutes']:.3g} minutes, {len(results['restarts'])} restarts; memory limits of"
        f" docker/compose.yaml by {results['limits_by']}; steady from minute {results['steady_from'] / 60:.1f} on.", "",
        "| call | status | count | | calls/s | p50, ms | p99, ms |", "|---|---|--:|---|--:|--:|--:|",
    ]
    for kind in results["kinds"]:
        numbers = [f"{kind['rate']:.1f}", milliseconds(kind["p50"]), milliseconds(kind["p99"])]
        for status, count in kind["counts"].items():
            mark = "unexplained" if status in kind["unexplained"] else ""
            lines.append(f"| {kind['kind']} | {status} | {count:,} | {mark} | {' | '.join(numbers)} |")
            numbers = ["", "", ""]
    lines += [
        "", "| service, median of its processes | start | early | late | over a life | peak of limit | |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for service in results["services"]:
        lines += service_rows(service, results["limits"][service["service"]])
    money = results["money"]
    billed = "not compared" if money["billed"] is None else f"{money['billed']:,}"
    lines += ["", f"Predictions billed: {billed}; by the answers {money['least']:,} to {money['most']:,}."]
    lines += ["", *(f"- FAILED: {failure}" for failure in results["failures"])]
    lines += [
        f"- at {example['second']} s, after {example['took']} s: {example['kind']}: {example['status']}"
        f" {example['body']}".rstrip() for example in results["examples"]]
    return "\n".join(lines).rstrip() + "\n"


def service_rows(service, limit):
    names = {"rss": "RSS, MiB", "anonymous": "anonymous, MiB", "descriptors": "descriptors", "threads": "threads"}
    found = {(growth["measure"], growth["over"]): growth for growth in service["growths"]}
    for measure, name in names.items():
        run, life = found.get((measure, "run")), found.get((measure, "life"))
        peak = f"{service['peak'] / MIB:.0f} of {limit / MIB:.0f}" if measure == "rss" else ""
        judged = [growth["allowed"] for growth in (run, life) if growth]
        verdict = ("flat" if all(judged) else "GROWS") if judged else "not judged"
        yield (
            f"| {service['service']}: {name} | {amount(service['start'][measure], measure)}"
            f" | {amount(run['early'], measure) if run else ''} | {amount(run['late'], measure) if run else ''}"
            f" | {span_of(life['early'], life['late'], measure) if life else ''} | {peak} | {verdict} |")


def span(growth):
    unit = " MiB" if growth.measure in ("rss", "anonymous") else ""
    return span_of(growth.early, growth.late, growth.measure) + unit


def span_of(early, late, measure):
    return f"{amount(early, measure)} to {amount(late, measure)}"


def amount(value, measure):
    return f"{value / MIB:.1f}" if measure in ("rss", "anonymous") else f"{value:.0f}"


def milliseconds(seconds):
    return "" if seconds is None else f"{seconds * 1000:.1f}"


def model():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
