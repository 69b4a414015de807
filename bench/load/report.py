"""From the figures of a run to ratios, and to the tables of docs/PERFORMANCE.md."""

import statistics

from servers import ALL, ESocketS, PEERS
from works import CPU_PER_DELIVERY, CPU_PER_RECONNECT, CPU_PER_REPLAYED

OURS = ESocketS.name
PEER_NAMES = tuple(peer.name for peer in PEERS)

FIGURE_NAMES = {
    CPU_PER_DELIVERY: "CPU per delivery",
    CPU_PER_RECONNECT: "CPU per connect",
    CPU_PER_REPLAYED: "CPU per replayed message",
    "latency_p99_us": "p99",
    "rss_bytes_per_client": "bytes per client",
    "idle_cpu_ms_per_s": "idle CPU, ms per s",
    "server_cpu_us_per_connect": "CPU per connect and subscribe",
    "server_cpu_us_per_request": "CPU per request",
    "per_s": "connects a second",
}


def marks(command):
    """The lines of a document between which a command writes its own."""
    return [f"<!-- written by {command}: {word} -->" for word in ("begin", "end")]


def number(value):
    """Three digits, or a word."""
    if value is None:
        return "–"
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def median(runs, figure):
    """Over the valid runs; None if there are none."""
    values = [run[figure] for run in runs if run.get("valid") and figure in run]
    return statistics.median(values) if values else None


def opponents(goal, medians):
    """The name of whom a goal is measured against, or None."""
    if goal.against != "best peer":
        return goal.against if medians.get(goal.against, {}).get(goal.figure) else None
    peers = {n: medians[n].get(goal.figure) for n in PEER_NAMES if n in medians}
    peers = {n: v for n, v in peers.items() if v}
    best = max if goal.at_least else min
    return best(peers, key=peers.get) if peers else None


def ratio(goal, runs, opponent):
    """Median over the rounds of ours divided by theirs, measured one after the other.

    Against other loops of ours it is theirs divided by ours.
    """
    mine, other = runs[OURS], runs[opponent]
    if opponent.startswith(OURS + ","):
        mine, other = other, mine
    pairs = [a[goal.figure] / b[goal.figure] for a, b in zip(mine, other)
             if a.get("valid") and b.get("valid") and b.get(goal.figure)]
    return statistics.median(pairs) if pairs else None


def judge(goal, runs, medians):
    """{figure, against, value, bound, reached} of a goal; None if it was not measured."""
    if goal.against == "":
        value, opponent = medians.get(OURS, {}).get(goal.figure), ""
    else:
        opponent = opponents(goal, medians)
        value = ratio(goal, runs, opponent) if opponent else None
    if value is None:
        return None
    reached = value >= goal.bound if goal.at_least else value <= goal.bound
    return {"figure": goal.figure, "against": opponent, "value": value, "bound": goal.bound,
            "at_least": goal.at_least, "reached": reached}


def summarize(work, runs):
    """Medians by server and the goals, of {server: [run of each round]}."""
    figures = sorted({k for server in runs.values() for run in server for k, v in run.items()
                      if isinstance(v, (int, float)) and not isinstance(v, bool)})
    medians = {name: {f: median(server, f) for f in figures} for name, server in runs.items()}
    medians = {n: {f: v for f, v in m.items() if v is not None} for n, m in medians.items()}
    goals = [j for j in (judge(goal, runs, medians) for goal in work.goals) if j]
    return {"name": work.name, "scenario": work.scenario, "flags": list(work.flags),
            "medians": medians, "goals": goals, "runs": runs}


def judge_growth(works, summaries):
    """Adds the goals that compare one work with another, of ours in the same round."""
    by_name = {summary["name"]: summary for summary in summaries}
    for work in works:
        if not work.grows or work.grows[0] not in by_name:
            continue
        other, bound = work.grows
        pairs = [a[work.figure] / b[work.figure]
                 for a, b in zip(by_name[work.name]["runs"][OURS], by_name[other]["runs"][OURS])
                 if a.get("valid") and b.get("valid")]
        if pairs:
            value = statistics.median(pairs)
            by_name[work.name]["goals"].append(
                {"figure": work.figure, "against": other, "value": value, "bound": bound,
                 "at_least": False, "reached": value <= bound})


def goal_rows(summary):
    for goal in summary["goals"]:
        if goal["against"]:
            value, bound = f"{goal['value']:.2f} ×", f"{goal['bound']:g} ×"
        else:
            value, bound = number(goal["value"]), f"{goal['bound']:g}"
        figure, against = FIGURE_NAMES[goal["figure"]], goal["against"] or "–"
        bound = f"{'≥' if goal['at_least'] else '≤'} {bound}"
        if against.startswith(OURS + ", "):
            figure, against = f"{figure}, {against.removeprefix(OURS + ', ')}", "one loop"
        yield (f"| {summary['name']} | {figure} | {against} "
               f"| {value} | {bound} | {'yes' if goal['reached'] else '**no**'} |")


def cell(figure, medians):
    if not medians:
        return "–"
    if figure == "latency_p99_us":
        return f"{number(medians.get('latency_p50_us'))} / {number(medians.get(figure))}"
    if figure == "rss_bytes_per_client":
        return (f"{number(medians.get(figure))} B · "
                f"{number(medians.get('server_cpu_us_per_connect'))} · "
                f"{number(medians.get('per_s'))}/s")
    text = f"{number(medians.get(figure))} · {number(medians.get('per_s'))}/s"
    if "slow_lost_untold" in medians:
        text += (f" · {number(medians['slow_told_dropped'])} · "
                 f"{number(medians['slow_lost_untold'])} · {number(medians['rss_bytes_per_slow'])}B")
    return text


def unit(figure, scenario):
    if scenario == "slow":
        return ("CPU µs per delivery · deliveries/s to the others · messages the stopped ones lost "
                "and were told of · lost untold · memory for each of them")
    return {"latency_p99_us": "p50 / p99, µs",
            "rss_bytes_per_client": "memory · CPU µs per connect · connects/s",
            "server_cpu_us_per_request": "CPU µs per request · requests/s",
            }.get(figure, "CPU µs per delivery · deliveries/s")


def figure_row(summary, figure, names):
    cells = " | ".join(cell(figure, summary["medians"].get(name)) for name in names)
    return f"| {summary['name']}: {unit(figure, summary['scenario'])} | {cells} |"


def waited(result):
    """Share of the time that servers that could have run did not: how busy the machine was."""
    shares = [run["server_waited_share"] for summary in result["works"]
              for server in summary["runs"].values() for run in server
              if "server_waited_share" in run]
    return statistics.median(shares) if shares else 0


def measured(result):
    """When and how, on what and beside whom."""
    machine = result["machine"]
    versions = ", ".join(f"{n} {v}" for n, v in result["versions"].items() if n in PEER_NAMES)
    by = f"`{result['command']}` on {machine['cpu']}"
    return (f"Measured {result['date']} by {by}, {machine['cores']} cores, "
            f"Linux {'; '.join(filter(None, (machine['kernel'], versions)))}.")


def tables(result, works):
    """The lines between the marks."""
    begin, end = marks("./dev bench compare")
    names = [s.name for s in ALL if any(s.name in w["medians"] for w in result["works"])]
    lines = [
        begin, "",
        f"{measured(result)} {result['rounds']} interleaved rounds, medians; the server on one "
        f"core, the load on another; neighbours kept the servers waiting for {waited(result):.0%} "
        f"of the time, which lowers rates. Source: commit {result['commit']}.", "",
        "| Work | Figure | against | ratio or value | to reach | reached |",
        "|---|---|---|---|---|---|",
    ]
    for summary in result["works"]:
        lines += goal_rows(summary)
    lines += ["", "| Work | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    figures = {work.name: work.figure for work in works}
    lines += [figure_row(s, figures[s["name"]], names) for s in result["works"]]
    lines += ["", *faults(result), end]
    return lines


def judged(work, what, value, limit, at_least, unit):
    """A figure of a work, and what it is to reach: at most `limit`, or at least."""
    reached = value >= limit if at_least else value <= limit
    return {"work": work["name"], "what": what, "value": value, "bound": limit,
            "at_least": at_least, "unit": unit, "reached": reached}


def judged_row(found):
    sign = "≥" if found["at_least"] else "≤"
    value = f"{found['value']:.2f}" if found["unit"] == " ×" else number(found["value"])
    return (f"| {found['work']} | {found['what']} | {value}{found['unit']} "
            f"| {sign} {found['bound']:g}{found['unit']} "
            f"| {'yes' if found['reached'] else '**no**'} |")


def void_runs(work):
    """One line for each server with runs that went wrong."""
    for name, runs in work["runs"].items():
        void = [run for run in runs if not run.get("valid")]
        if void:
            reason = void[0].get("invalid") or "no result"
            yield f"* {work['name']}, {name}: {len(void)} of {len(runs)} runs void: {reason}"


def faults(result):
    """One line for each server that had runs to be doubted."""
    for summary in result["works"]:
        for name, runs in summary["runs"].items():
            slow = [run for run in runs if run.get("bottleneck") == "generator"]
            if slow and summary["scenario"] not in ("idle", "latency"):
                yield (f"* {summary['name']}, {name}: in {len(slow)} of {len(runs)} runs the load "
                       "generator was the bottleneck: the rate could be higher")
        yield from void_runs(summary)


def write_into(path, lines):
    """Replaces what stands between the marks of a document: the first and the last line."""
    begin, end = lines[0], lines[-1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{path} has no marks to write between: {begin}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + "\n".join(lines) + after)
