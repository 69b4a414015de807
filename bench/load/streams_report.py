"""From runs with a stream and without one to ratios, and to the tables of docs/PERFORMANCE.md."""

import statistics

from report import judged, judged_row, marks, measured, median, number, void_runs, waited
from servers import ESocketS, ESocketSStream
from works import CPU_PER_DELIVERY, CPU_PER_REPLAYED

MARKS = marks("./dev bench streams")
PLAIN, STREAM = ESocketS.name, ESocketSStream.name


def cpu_beside_live(run):
    return run[CPU_PER_REPLAYED] / run["server_cpu_us_per_live"]


# Of a replay run: figure, what it is, its bound, whether that is a lower one, the figure's unit.
REPLAY_GOALS = (
    (lambda run: run["replay_to_live"],
     "rate of a replay beside that of live messages to one subscriber", 0.5, True, " ×"),
    (cpu_beside_live, "CPU per replayed message beside such a live one", 2, False, " ×"),
    (lambda run: run["rss_bytes_beside_frame"],
     "memory for a stored message, beside its frame", 48, False, " B"),
)
STREAM_RATIO_MAX = 1.5

# Of one message to one subscriber: how, and the name of its figures.
WAYS = (("live, on a topic of no stream", "live"), ("live, stored meanwhile", "stored"),
        ("replayed", "replayed"))


def pairs_ratio(runs):
    """Median over the rounds of what a delivery costs with the stream by what it costs without."""
    ratios = [stream[CPU_PER_DELIVERY] / plain[CPU_PER_DELIVERY]
              for plain, stream in zip(runs.get(PLAIN, []), runs.get(STREAM, []))
              if plain.get("valid") and stream.get("valid")]
    return statistics.median(ratios) if ratios else None


def goals(works):
    """What was measured of what is to be reached."""
    found = []
    for work in works:
        if work["scenario"] == "fan_out":
            value = pairs_ratio(work["runs"])
            if value is not None and work["bounded"]:
                found.append(judged(work, "CPU per delivery, beside a topic of no stream", value,
                                    STREAM_RATIO_MAX, False, " ×"))
            continue
        for figure, what, bound, at_least, unit in REPLAY_GOALS:
            values = [figure(run) for run in work["runs"].get(STREAM, []) if run.get("valid")]
            if values:
                found.append(judged(work, what, statistics.median(values), bound, at_least, unit))
    return found


def fan_out_row(work):
    def cell(name):
        runs = work["runs"].get(name, [])
        return f"{number(median(runs, CPU_PER_DELIVERY))} · {number(median(runs, 'per_s'))}/s"
    ratio = pairs_ratio(work["runs"])
    return (f"| {work['name']} | {cell(PLAIN)} | {cell(STREAM)} "
            f"| {'–' if ratio is None else f'{ratio:.2f} ×'} |")


def replay_rows(work):
    runs = work["runs"].get(STREAM, [])
    for what, name in WAYS:
        cpu = median(runs, f"server_cpu_us_per_{name}")
        share = median(runs, f"{name}_server_cpu_share")
        yield (f"| {work['name']}: {what} | {number(cpu)} | {number(median(runs, f'{name}_per_s'))} "
               f"| {'–' if share is None else f'{share:.0%}'} |")


def memory(work):
    runs = work["runs"].get(STREAM, [])
    if median(runs, "rss_bytes_per_stored") is None:
        return
    yield (f"A stored message takes {number(median(runs, 'rss_bytes_per_stored'))} bytes of "
           f"resident memory, its frame has {number(median(runs, 'frame_bytes'))}.")


def beside_fan_out(works):
    """A replayed message beside a delivery where a hundred share the work of each message."""
    replayed = [median(w["runs"].get(STREAM, []), CPU_PER_REPLAYED) for w in works
                if w["scenario"] == "replay"]
    delivered = [median(w["runs"].get(PLAIN, []), CPU_PER_DELIVERY) for w in works
                 if w["scenario"] == "fan_out" and w["bounded"]]
    if not replayed or not delivered or not replayed[0] or not delivered[0]:
        return
    yield (f"A replayed message costs {replayed[0] / delivered[0]:.2f} times as much CPU time as a "
           "delivery of the fan-out to 100.")


def table(result):
    """The lines between the marks."""
    works = result["works"]
    fan_outs = [w for w in works if w["scenario"] == "fan_out"]
    replays = [w for w in works if w["scenario"] == "replay"]
    lines = [
        MARKS[0], "",
        f"{measured(result)} {result['rounds']} interleaved rounds, medians; the server on one "
        f"core, the load on another; neighbours kept the servers waiting for {waited(result):.0%} "
        f"of the time, which lowers rates. Source: commit {result['commit']}.", "",
        "| Work | Figure | ratio or value | to reach | reached |", "|---" * 5 + "|",
        *(judged_row(found) for found in result["goals"]), "",
        "| Fan-out: CPU µs per delivery · deliveries/s | no stream | into a stream "
        "| median of pairs |", "|---" * 4 + "|",
        *(fan_out_row(work) for work in fan_outs), "",
        "| To one subscriber | CPU µs per message | messages/s | the server's core was in use |",
        "|---" * 4 + "|",
        *(row for work in replays for row in replay_rows(work)), "",
        *(line for work in replays for line in memory(work)), *beside_fan_out(works), "",
        *(line for work in works for line in void_runs(work)), MARKS[1],
    ]
    return lines
