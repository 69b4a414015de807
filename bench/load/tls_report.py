"""From runs over TCP and TLS to what TLS costs, for docs/PERFORMANCE.md."""

import statistics

from report import faults, marks, measured, median, number, waited
from servers import (ESocketS, ESocketSTls, ESocketSTls12, ESocketSTls12Resumed,
                     ESocketSTlsResumed, ESocketSTlsStorm)
from works import CPU_PER_DELIVERY, CPU_PER_RECONNECT

MARKS = marks("./dev bench tls")
MEMORY = "rss_bytes_per_client"
TIMES = ("latency_p50_us", "latency_p99_us", "latency_max_us")
STORM_RATE = "storm_connects_per_s"

# Names of servers, and what stands above their columns.
COLUMNS = {ESocketS.name: "TCP", ESocketSTls.name: "TLS 1.3", ESocketSTls12.name: "TLS 1.2",
           ESocketSTlsResumed.name: "TLS 1.3, resumed",
           ESocketSTls12Resumed.name: "TLS 1.2, resumed"}

# Of a scenario: the figure that is compared, what it is, and its unit.
COMPARED = {"reconnect": (CPU_PER_RECONNECT, "CPU of a connect", " µs"),
            "fan_out": (CPU_PER_DELIVERY, "CPU of a delivery", " µs"),
            "idle": (MEMORY, "memory of a client", " B")}


def paired(runs, name, figure, other=ESocketS.name, combine=lambda a, b: a / b):
    """Median over the rounds of what `combine` makes of a server's figure and the other's in the
    same round, where both are valid; None if it was never measured."""
    found = [combine(a[figure], b[figure])
             for a, b in zip(runs.get(name, []), runs.get(other, []))
             if a.get("valid") and b.get("valid") and b.get(figure)]
    return statistics.median(found) if found else None


def more(runs, name, figure):
    """The same of what it is above the other's."""
    return paired(runs, name, figure, combine=lambda a, b: a - b)


def ratios(works):
    """[{work, server, figure, ratio}] of all that is compared."""
    found = []
    for work in works:
        if work["scenario"] == "latency":
            pairs = [(ESocketSTlsStorm.name, figure, ESocketSTls.name) for figure in TIMES]
        else:
            figure = COMPARED[work["scenario"]][0]
            pairs = [(name, figure, ESocketS.name) for name in COLUMNS if name != ESocketS.name]
        for name, figure, other in pairs:
            value = paired(work["runs"], name, figure, other)
            if value is not None:
                found.append({"work": work["name"], "server": name, "against": other,
                              "figure": figure, "ratio": value})
    return found


def with_unit(value, unit):
    return "–" if value is None else f"{number(value)}{unit}"


def times(value):
    return "–" if value is None else f"{value:.2f} ×"


def percent(value):
    return "–" if value is None else f"{value:.0%}"


def per_core(runs, name):
    """Connects a second that one loop bears when it has a core for itself and does nothing else."""
    cpu_us = median(runs.get(name, []), CPU_PER_RECONNECT)
    return None if not cpu_us else 1e6 / cpu_us


def share_of_tls(runs, name, figure):
    return paired(runs, name, figure, combine=lambda a, b: (a - b) / a)


def lines_of(work):
    """(What it is, what to make of a server) for each line of a work."""
    figure, what, unit = COMPARED[work["scenario"]]
    runs = work["runs"]
    lines = [(what, lambda name: with_unit(median(runs.get(name, []), figure), unit)),
             ("beside TCP", lambda name: times(paired(runs, name, figure)))]
    if work["scenario"] == "reconnect":
        lines += [("connects a second and core", lambda name: number(per_core(runs, name))),
                  ("as measured", lambda name: number(median(runs.get(name, []), "per_s")))]
    if work["scenario"] == "fan_out":
        lines.append(("share of TLS", lambda name: percent(share_of_tls(runs, name, figure))))
    if work["scenario"] == "idle":
        lines.append(("more than over TCP", lambda name: with_unit(more(runs, name, figure), unit)))
    return lines


def rows(work):
    for what, cell in lines_of(work):
        cells = [cell(name) if name in work["runs"] else "" for name in COLUMNS]
        yield f"| {work['name']} | {what} | {' | '.join(cells)} |"


def storm_rows(work):
    runs = work["runs"]
    alone, storm = ESocketSTls.name, ESocketSTlsStorm.name
    for figure in TIMES:
        yield (f"| {work['name']} | {figure.split('_')[1]} "
               f"| {with_unit(median(runs.get(alone, []), figure), ' µs')} "
               f"| {with_unit(median(runs.get(storm, []), figure), ' µs')} "
               f"| {times(paired(runs, storm, figure, alone))} "
               f"| {number(median(runs.get(storm, []), STORM_RATE))} |")


def table(result):
    """The lines between the marks."""
    works = result["works"]
    compared = [work for work in works if work["scenario"] in COMPARED]
    storms = [work for work in works if work["scenario"] == "latency"]
    return [
        MARKS[0], "",
        f"{measured(result)} {result['rounds']} interleaved rounds, medians, ratios within a round; "
        "the server on one core, the load on another; neighbours kept the servers waiting for "
        f"{waited(result):.0%} of the time, which lowers rates. Source: commit "
        f"{result['commit']}.", "",
        f"| Work | | {' | '.join(COLUMNS.values())} |", "|---" * (2 + len(COLUMNS)) + "|",
        *(line for work in compared for line in rows(work)), "",
        "| Latency over TLS 1.3 | | alone | beside full handshakes | ratio | handshakes a second |",
        "|---" * 6 + "|",
        *(line for work in storms for line in storm_rows(work)), "",
        *faults(result), MARKS[1],
    ]
