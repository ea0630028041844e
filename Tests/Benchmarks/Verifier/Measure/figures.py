"""The results as Markdown tables, the targets that they are judged by, and a plot."""

from drawing import LABELS, Panel, Pen, decades, document

OURS = {"auth-verifier", "verify", "lookup", "deletion"}


def comparisons(results):
    """What is judged, what was measured, the target and whether it is reached, of the parts that were measured."""
    parts = results["parts"]
    if "cached" in parts:
        cost = {server["name"]: server["cpu_microseconds"] for server in parts["cached"]}
        for name, label, limit in [("nghttpd", "nghttpd", 1.5), ("cpp", "gRPC C++", 0.25)]:
            value = cost["auth-verifier"] / cost[name]
            yield f"CPU of a cached Verify against {label}", f"{value:.3g}x", f"<= {limit}x", value <= limit
    if "misses" in parts:
        rate = {way["name"]: way["calls_per_second"] for way in parts["misses"]}
        value = rate["verify"] / rate["pgbench"]
        yield "Verify of unseen tokens a second against pgbench's selects", f"{value:.2f}x", ">= 0.8x", value >= 0.8
    if "memory" in parts:
        value = parts["memory"]["mebibytes"]
        yield f"Memory of {parts['memory']['tokens']:,} cached tokens, MiB", f"{value:.0f}", "<= 200", value <= 200
    if "deletions" in parts:
        value = parts["deletions"]["p99_milliseconds"]
        yield "DeleteAccessToken with three healthy verifiers, p99, ms", f"{value:.1f}", "<= 20", value <= 20
    if "share" in parts:
        value = parts["share"]["share"] * 100
        yield "The auth-verifier's share of the services' CPU a prediction", f"{value:.1f} %", "<= 5 %", value <= 5


def reaches_all(results):
    return all(is_reached for *_, is_reached in comparisons(results))


def table(results):
    parts = results["parts"]
    lines = [f"{results['machine']}. Median of {results['rounds']} rounds."]
    sections = {
        "cached": cached_lines, "misses": misses_lines, "memory": memory_lines, "deletions": deletions_lines,
        "share": share_lines}
    for name, write in sections.items():
        if name in parts:
            lines += ["", *write(parts[name])]
    lines += ["", "| judged | measured | target |  |", "|---|--:|--:|---|"]
    for what, value, limit, is_reached in comparisons(results):
        lines.append(f"| {what} | {value} | {limit} | {'reached' if is_reached else 'missed'} |")
    return "\n".join(lines) + "\n"


def cached_lines(servers):
    lines = [
        "8 connections of 32 streams, plaintext; server on one core, h2load on another. Verify of one token; a file of"
        " 60 bytes; a message of 50 bytes sent back.",
        "",
        "| server | CPU a call, µs | calls/s | p50, ms | p99, ms |",
        "|---|--:|--:|--:|--:|",
    ]
    return lines + [
        f"| {server['label']} | {server['cpu_microseconds']:.1f} | {server['calls_per_second']:,.0f}"
        f" | {server['p50_milliseconds']:.2f} | {server['p99_milliseconds']:.2f} |" for server in servers]


def misses_lines(ways):
    lines = [
        "16 clients, each with one connection and one call at a time, on all cores. Verify of tokens that the"
        " auth-verifier has not seen goes through it, the token-service and PostgreSQL, and is what is judged;"
        " LookupCredential, its second half, through the last two; Verify of a cached token, its first half, stays in"
        " the auth-verifier; pgbench (`-M prepared`) asks the same server with the same statement.",
        "",
        "| way | calls/s | p50, ms | p99, ms | CPU a call, µs: auth-verifier | token-service | PostgreSQL |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for way in ways:
        times = [way["p50_milliseconds"], way["p99_milliseconds"]]
        costs = [way["cpu_microseconds"].get(name) for name in ("auth-verifier", "token-service", "PostgreSQL")]
        cells = [f"{time:.2f}" if time is not None else "" for time in times]
        cells += [f"{cost:.0f}" if cost is not None else "" for cost in costs]
        lines.append(f"| {way['label']} | {way['calls_per_second']:,.0f} | {' | '.join(cells)} |")
    return lines


def memory_lines(memory):
    return [
        f"A new auth-verifier's resident memory is {memory['before_kib'] / 1024:.0f} MiB, and"
        f" {memory['after_kib'] / 1024:.0f} MiB with {memory['tokens']:,} tokens, which it looked up at"
        f" {memory['filling_calls_per_second']:,.0f} a second."]


def deletions_lines(deletions):
    return [
        f"{deletions['deletions']:,} deletions one after another, by turns at two token-services, each token"
        f" cached by three auth-verifiers, TLS everywhere: p50 {deletions['p50_milliseconds']:.1f} ms, p99"
        f" {deletions['p99_milliseconds']:.1f} ms, the longest {deletions['longest_milliseconds']:.1f} ms. From the"
        f" commit until all verifiers had confirmed it: p50 {deletions['wait_p50_milliseconds']:.1f} ms, p99"
        f" {deletions['wait_p99_milliseconds']:.1f} ms."]


def share_lines(share):
    whole, own = share["services_cpu_milliseconds"], share["verifier_cpu_milliseconds"]
    return [
        f"The README's prediction with {share['connections']} connections, {share['calls_per_second']:,.0f} a second:"
        f" of the services' {whole:.2f} ms of CPU, {own:.3f} ms are the auth-verifier's."]


def rows(parts):
    """Of the plot: label, whether it is ours, CPU a call, thousands of calls a second, p50 and p99; None for a gap."""
    for server in parts.get("cached", []):
        yield (
            server["label"], server["name"] in OURS, server["cpu_microseconds"], server["calls_per_second"] / 1000,
            (server["p50_milliseconds"], server["p99_milliseconds"]))
    for way in parts.get("misses", []):
        times = (way["p50_milliseconds"], way["p99_milliseconds"])
        yield (
            way["label"], way["name"] in OURS, sum(way["cpu_microseconds"].values()),
            way["calls_per_second"] / 1000, None if None in times else times)
    if deletions := parts.get("deletions"):
        yield (
            "DeleteAccessToken", True, None, None, (deletions["p50_milliseconds"], deletions["p99_milliseconds"]))


def plot(results):
    parts = results["parts"]
    shown = list(rows(parts))
    axes = [
        ("Server CPU a call, µs", 250, 20, lambda row: [row[2]]),
        ("Thousands of calls a second", 220, 345, lambda row: [row[3]]),
        ("Latency p50 to p99, ms", 200, 650, lambda row: row[4] or [None])]
    panels = []
    for title, width, left, read in axes:
        values = [value for row in shown for value in read(row) if value]
        panels.append(Panel(title, LABELS + left, width, *decades(values)) if values else None)
    notes = []
    if memory := parts.get("memory"):
        notes.append(f"{memory['tokens']:,} cached tokens take {memory['mebibytes']:.0f} MiB.")
    if share := parts.get("share"):
        notes.append(f"Verification is {share['share']:.1%} of the CPU of a prediction.")
    return document(
        "Verification of tokens", " ".join(notes + ["All scales are logarithmic."]), list(filter(None, panels)),
        [lambda y, row=row: draw_row(row, y, panels) for row in shown],
        f"{results['machine']}. Median of {results['rounds']} rounds.")


def draw_row(row, y, panels):
    label, is_ours, cpu, rate, times = row
    pen = Pen(is_ours)
    return (
        pen.label(y, label) + (pen.value(panels[0], y, cpu) if cpu else [])
        + (pen.value(panels[1], y, rate) if rate else []) + (pen.span(panels[2], y, *times) if times else []))
