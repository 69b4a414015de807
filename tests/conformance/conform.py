"""conform.py CLIENT SCENARIOS [ARGUMENTS]: a client's scenarios succeed, and the matrix says so.

SCENARIOS is a program that plays a scenario for each feature that the client has, against a broker
of its own, and writes features.json (see tools/dev/matrix.py) to $TEST_UNDECLARED_OUTPUTS_DIR.
"""

import os
import subprocess
import sys
import tempfile

from tools.dev import matrix


def why_not(client, result, features, readme, rewrite):
    """What is wrong with a result; nothing if it may stand, and stands in the matrix."""
    if result["client"] != client:
        return [f"the result is of '{result['client']}'"]
    offences = matrix.offences_of(features, result)
    if offences or rewrite:
        return offences
    offences = matrix.differences(readme, result)
    return offences and offences + ["./dev matrix writes it anew"]


def main(client, *scenarios):
    with tempfile.TemporaryDirectory() as scratch:
        outputs = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", scratch)
        played = subprocess.run(scenarios, env={**os.environ, "TEST_UNDECLARED_OUTPUTS_DIR": outputs})
        if played.returncode:
            sys.exit(f"the scenarios failed: exit code {played.returncode}")
        if os.environ.get("TESTBRIDGE_TEST_ONLY"):
            return  # some of them, with --test_filter, say nothing of the others
        result = matrix.load(os.path.join(outputs, "features.json"))
    with open(matrix.README, encoding="utf-8") as f:
        readme = f.read()
    offences = why_not(client, result, matrix.load(matrix.FEATURES), readme,
                       os.environ.get("FEATURE_MATRIX") == "rewrite")
    if offences:
        sys.exit("\n".join([f"{matrix.README} and {client} differ:", *offences]))


if __name__ == "__main__":
    main(*sys.argv[1:])
