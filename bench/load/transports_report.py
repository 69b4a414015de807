"""From runs over several transports to what each costs beside TCP, for docs/PERFORMANCE.md."""

import statistics

from report import judged, judged_row, marks, measured, median, number, void_runs, waited
from servers import ESocketS, ESocketSDeflatedWebSocket, ESocketSWebSocket
from works import CPU_PER_DELIVERY

MARKS = marks("./dev bench fanout")
NATIVE = ESocketS.name
TRANSPORTS = (ESocketSWebSocket.name, ESocketSDeflatedWebSocket.name)
MEMORY = "rss_bytes_per_client"

# What a delivery over WebSocket may cost beside a native one, and an idle client more than such.
DELIVERY_RATIO_MAX = 1.1
IDLE_BYTES_MAX = 256


def pairs(runs, name, figure):
    """The figure natively and over the transport, of each round in which both are valid."""
    return [(native[figure], carried[figure])
            for native, carried in zip(runs.get(NATIVE, []), runs.get(name, []))
            if native.get("valid") and carried.get("valid")]


def ratio(runs, name):
    found = [carried / native for native, carried in pairs(runs, name, CPU_PER_DELIVERY)]
    return statistics.median(found) if found else None


def more_bytes(runs, name):
    found = [carried - native for native, carried in pairs(runs, name, MEMORY)]
    return statistics.median(found) if found else None


def goals(works):
    """What was measured of what is to be reached. Compressed deliveries have no bound of their own:
    what they save depends on the messages."""
    found = []
    for work in works:
        if work["scenario"] == "fan_out":
            value = ratio(work["runs"], ESocketSWebSocket.name)
            if value is not None:
                found.append(judged(work, "CPU per delivery over WebSocket, beside TCP", value,
                                    DELIVERY_RATIO_MAX, False, " ×"))
            continue
        for name in TRANSPORTS:
            value = more_bytes(work["runs"], name)
            if value is not None:
                found.append(judged(work, f"memory of a client, {name.split(', ')[1]}, above native",
                                    value, IDLE_BYTES_MAX, False, " B"))
    return found


def row(work):
    figure, unit = ((CPU_PER_DELIVERY, "µs") if work["scenario"] == "fan_out" else (MEMORY, "B"))
    cells = [f"{number(median(work['runs'].get(name, []), figure))} {unit}"
             for name in (NATIVE, *TRANSPORTS)]
    return f"| {work['name']} | {' | '.join(cells)} |"


def table(result):
    """The lines between the marks."""
    works = result["works"]
    return [
        MARKS[0], "",
        f"{measured(result)} {result['rounds']} interleaved rounds, medians; the server on one "
        f"core, the load on another; neighbours kept the servers waiting for {waited(result):.0%} "
        f"of the time, which lowers rates. Source: commit {result['commit']}.", "",
        "| Work | Figure | ratio or value | to reach | reached |", "|---" * 5 + "|",
        *(judged_row(found) for found in result["goals"]), "",
        "| CPU per delivery, memory per client | TCP | WebSocket | WebSocket, compressed |",
        "|---" * 4 + "|",
        *(row(work) for work in works), "",
        *(line for work in works for line in void_runs(work)), MARKS[1],
    ]
