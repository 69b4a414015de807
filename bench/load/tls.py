#!/usr/bin/python3
"""Measures what TLS costs beside the same over TCP: a connect, a delivery, an idle client; and what
new clients do to the latency of those who are there.

Started by `./dev bench tls`, which builds what it needs. In interleaved rounds; server and load are
pinned and started as by `./dev bench compare`. The certificate has a key of ECDSA P-256, and is
alone in its chain. The load does not look whether it trusts it.
"""

import rounds
import tls_report
from works import TLS_WORKS


def measure(work, run, quick):
    return run(work, 0.4 if quick else 1.5)


def summarize(result, works, measured):
    result["works"] = [{"name": w.name, "scenario": w.scenario, "flags": list(w.flags),
                        "runs": measured[w.name]} for w in works]
    result["ratios"] = tls_report.ratios(result["works"])
    return tls_report.table(result)


if __name__ == "__main__":
    rounds.main("tls", __doc__, TLS_WORKS, measure, summarize, rounds=7,
                quick="one short round, printed only")
