"""From pairs of runs, undisturbed and with one subscriber stopped, to a table."""

import statistics

from report import marks, measured, number

MARKS = marks("./dev bench slow")

FAULTS = ("lost", "reordered", "broken", "dropped")


def of_half(pairs, key, figure):
    """Median of a figure over the rounds; None if it was never measured."""
    values = [pair[key][figure] for pair in pairs if figure in pair[key]]
    return statistics.median(values) if values else None


def of_pairs(pairs, figure, combine):
    """Median over the rounds of what `combine` makes of the stopped and the undisturbed figure."""
    values = [combine(pair["stopped"][figure], pair["undisturbed"][figure]) for pair in pairs
              if all(pair[key].get(figure) is not None for key in ("stopped", "undisturbed"))]
    return statistics.median(values) if values else None


def summarize_server(kind, pairs):
    """What is claimed of a server; its figures are medians, its faults sums over all rounds."""
    with_stopped = [pair["stopped"] for pair in pairs]
    grown = of_pairs(pairs, "rss_growth_bytes", lambda stopped, otherwise: stopped - otherwise)
    bound = kind.slow_client_bytes_max
    return {
        "p99_ratio": of_pairs(pairs, "latency_p99_us",
                              lambda stopped, otherwise: stopped / otherwise),
        "others_lost": sum(run.get(fault, 0) for run in with_stopped for fault in FAULTS),
        # A run that ended early says nothing about what was lost.
        "all_measured": all("latency_p99_us" in run for run in with_stopped),
        "grown_bytes": grown,
        "grown_bytes_max": bound,
        "within_limit": None if bound is None or grown is None else grown <= bound,
        "void": [run["invalid"] for pair in pairs for run in pair.values() if "invalid" in run],
        "pairs": pairs,
    }


def summarize(name, kinds, pairs_by_server):
    """The figures of a work by server."""
    return {"name": name, "servers": {
        kind.name: summarize_server(kind, pairs_by_server[kind.name]) for kind in kinds}}


def times(pairs, key):
    return " / ".join(number(of_half(pairs, key, f"latency_{part}_us"))
                      for part in ("p50", "p99", "max"))


def yes_or_no(value, unknown="–"):
    return unknown if value is None else "yes" if value else "**no**"


def others_lost_nothing(server):
    if server["others_lost"] > 0:
        return f"**no**: {number(server['others_lost'])}"
    return yes_or_no(server["all_measured"] or None)


def stopped_one(pairs):
    """What it got, was told, and was not told; whether it was disconnected."""
    parts = [number(of_half(pairs, "stopped", f"slow_{part}"))
             for part in ("received", "told_dropped", "lost_untold")]
    closed = of_half(pairs, "stopped", "slow_disconnected")
    return " · ".join(parts) + (" · disconnected" if closed else "")


def row(work, name, server):
    pairs = server["pairs"]
    ratio = server["p99_ratio"]
    grown = server["grown_bytes"]
    return (f"| {work} | {name} | {times(pairs, 'undisturbed')} | {times(pairs, 'stopped')} "
            f"| {'–' if ratio is None else f'{ratio:.2f} ×'} | {others_lost_nothing(server)} "
            f"| {'–' if grown is None else f'{grown / 2**20:.1f} MiB'} "
            f"| {yes_or_no(server['within_limit'])} | {stopped_one(pairs)} |")


def table(result):
    """The lines between the marks."""
    lines = [
        MARKS[0], "",
        f"{measured(result)} {result['rounds']} rounds of interleaved pairs, medians; the server on "
        f"one core, the load on another. Source: commit {result['commit']}.", "",
        "| Work | Broker | undisturbed: p50 / p99 / max, µs | one has stopped: the others' | p99 of "
        "a pair | others lost nothing | memory grew by | at most the limit | the stopped one: "
        "received · told lost · lost untold |",
        "|---" * 9 + "|",
    ]
    for work in result["works"]:
        lines += [row(work["name"], name, server) for name, server in work["servers"].items()]
    lines += ["", *doubts(result), MARKS[1]]
    return lines


def doubts(result):
    """One line for each server with runs that went wrong."""
    for work in result["works"]:
        for name, server in work["servers"].items():
            if server["void"]:
                yield (f"* {work['name']}, {name}: {len(server['void'])} of "
                       f"{2 * len(server['pairs'])} runs: {server['void'][0]}")
