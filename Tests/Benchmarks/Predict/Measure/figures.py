"""The results as Markdown tables, the targets that they are judged by, and a plot."""

from drawing import LABELS, Panel, Pen, decades, document, linear

MIB = 1 << 20
# The services' CPU for a prediction in milliseconds, at most, by the number of connections.
TARGETS = {1: 2.85, 16: 1.48}


def comparisons(results):
    """What is judged, what was measured, the target and whether it is reached."""
    for load in of(results, "temporis")["loads"]:
        value, limit = load["cpu_milliseconds"], TARGETS[load["connections"]]
        yield f"The services' CPU a prediction with {count(load)}, ms", value, limit, value <= limit


def reaches_all(results):
    return all(is_reached for *_, is_reached in comparisons(results))


def of(results, name):
    return next(server for server in results["servers"] if server["name"] == name)


def count(load):
    return f"{load['connections']} connection{'s' if load['connections'] > 1 else ''}"


def rows(results):
    """(server, load) in the order of the table: the servers beside each other under the same load."""
    for index in range(len(results["servers"][0]["loads"])):
        for server in results["servers"]:
            yield server, server["loads"][index]


def subject(results):
    return f"The README's prediction of five trajectories, an answer of {results['answer_bytes']:,} bytes"


def table(results):
    lines = [
        f"{results['machine']}. Median of {results['rounds']} rounds. {subject(results)}, over HTTP/1.1 connections"
        " that are kept; the suite with TLS between its services, FastAPI with a canned answer; wrk on the same cores.",
        "",
        "| server | connections | CPU a prediction, ms | PostgreSQL's CPU besides, ms | predictions/s | p50, ms |"
        " p99, ms | memory, MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for server, load in rows(results):
        is_ours = server["name"] == "temporis"
        lines.append(
            f"| {server['label']} | {load['connections']} | {load['cpu_milliseconds']:.2f}"
            f" | {format(load['postgresql_cpu_milliseconds'], '.2f') if is_ours else ''}"
            f" | {load['calls_per_second']:,.0f} | {load['p50_milliseconds']:.2f} | {load['p99_milliseconds']:.2f}"
            f" | {memory(server):.0f} |")
    return "\n".join(lines + process_lines(results) + target_lines(results)) + "\n"


def process_lines(results):
    loads = results["servers"][0]["loads"]
    heads = [f"{what}, {count(load)}" for what in ("CPU a prediction, ms", "sleeps a prediction") for load in loads]
    lines = [
        "", f"| process | {' | '.join(heads)} | idle: CPU, ms/s | idle: sleeps/s | memory, MiB |",
        "|---|" + "--:|" * (len(heads) + 3),
    ]
    for server in results["servers"]:
        for process in server["processes"]:
            costs = [load["processes"][process["name"]] for load in server["loads"]]
            cells = [f"{cost['cpu_milliseconds']:.3f}" for cost in costs] + [f"{cost['sleeps']:.1f}" for cost in costs]
            idle, bytes_ = process["idle"], process["memory_bytes"]
            cells += [
                f"{idle['cpu_milliseconds_per_second']:.2f}", f"{idle['sleeps_per_second']:.1f}",
                "" if bytes_ is None else f"{bytes_ / MIB:.0f}"]
            lines.append(f"| {process['name']} | {' | '.join(cells)} |")
    return lines


def target_lines(results):
    lines = ["", "| judged | measured | target |  |", "|---|--:|--:|---|"]
    for what, value, limit, is_reached in comparisons(results):
        lines.append(f"| {what} | {value:.2f} | <= {limit} | {'reached' if is_reached else 'missed'} |")
    return lines


def memory(server):
    """MiB of a server's own processes."""
    return sum(process["memory_bytes"] or 0 for process in server["processes"]) / MIB


def plot(results):
    loads = [load for _, load in rows(results)]
    totals = [load["cpu_milliseconds"] + load["postgresql_cpu_milliseconds"] for load in loads]
    panels = [
        Panel(
            "CPU a prediction, ms; with PostgreSQL's", LABELS + 70, 250,
            *decades([load["cpu_milliseconds"] for load in loads] + totals)),
        Panel(
            "Latency p50 to p99, ms", LABELS + 420, 190,
            *decades([load[name] for load in loads for name in ("p50_milliseconds", "p99_milliseconds")])),
        Panel(
            "Predictions a second", LABELS + 730, 150, 0, *linear(max(load["calls_per_second"] for load in loads)),
            logarithmic=False),
    ]
    return document(
        "A prediction through the whole suite",
        f"{subject(results)}. FastAPI answers every request with the same bytes. The first two scales are logarithmic.",
        panels, [lambda y, row=row: draw_row(*row, y, panels) for row in rows(results)],
        f"{results['machine']}. Median of {results['rounds']} rounds.")


def draw_row(server, load, y, panels):
    pen = Pen(is_ours=server["name"] == "temporis")
    cpu, latency, rate = panels
    own, other = load["cpu_milliseconds"], load["postgresql_cpu_milliseconds"]
    return (
        pen.label(y, f"{server['label'].split(',')[0]}, {count(load)}")
        + (pen.span(cpu, y, own, own + other) if other else pen.value(cpu, y, own))
        + pen.span(latency, y, load["p50_milliseconds"], load["p99_milliseconds"])
        + pen.bar(rate, y, load["calls_per_second"]))
