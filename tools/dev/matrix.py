#!/usr/bin/python3
"""The feature matrix of clients/README.md: ./dev matrix writes it, conformance tests compare with it.

A result is what a client's conformance test writes to features.json:
{"client": "cpp", "features": {"publish": "yes", "websocket": "no: REASON", ...}}.
"""

import json
import os
import re
import sys
import zipfile

BEGIN = "<!-- matrix -->"
END = "<!-- /matrix -->"

# Of a client, in the order of the columns; others follow, under their own names.
TITLES = {"cpp": "C++", "python": "Python", "typescript": "TypeScript"}

FEATURES = "tests/conformance/features.json"
README = "clients/README.md"


def title_of(client):
    return TITLES.get(client, client)


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def offences_of(features, result):
    """What is wrong with a result: not of every feature, or neither yes nor no with a reason."""
    told, known = result["features"], {feature["id"] for feature in features}
    return ([f"{id}: nothing is said" for id in sorted(known - told.keys())] +
            [f"{id}: there is no such feature" for id in sorted(told.keys() - known)] +
            [f"{id}: '{told[id]}' is neither 'yes' nor 'no: REASON'"
             for id in sorted(told) if not re.fullmatch(r"yes|no: [^|\n]*\S", told[id])])


def table(features, results):
    """The lines of the table."""
    order = list(TITLES)
    results = sorted(results, key=lambda r: (order.index(r["client"]) if r["client"] in order
                                             else len(order), r["client"]))
    rows = [["Feature", "What"] + [title_of(result["client"]) for result in results]]
    rows += [[f"`{feature['id']}`", feature["text"]] +
             [result["features"][feature["id"]] for result in results] for feature in features]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return lines[:1] + ["|" + "---|" * len(rows[0])] + lines[1:]


def cells_between(text):
    """The cells of the table between the markers, head included."""
    between = re.search(rf"^{BEGIN}\n(.*?)^{END}$", text, re.MULTILINE | re.DOTALL)
    if not between:
        raise ValueError(f"{README} has no {BEGIN} with {END} behind it, each on a line")
    rows = [line.strip("| ").split(" | ") for line in between.group(1).splitlines()]
    return rows[:1] + rows[2:]


def column(text, client):
    """What the table says of a client, by feature; None where it has no such column."""
    rows = cells_between(text)
    if not rows or title_of(client) not in rows[0]:
        return None
    at = rows[0].index(title_of(client))
    return {row[0].strip("`"): row[at] for row in rows[1:]}


def differences(text, result):
    """How the table differs from a result."""
    said, told = column(text, result["client"]) or {}, result["features"]
    return [f"{id}: '{told.get(id, '')}', and the table says '{said.get(id, '')}'"
            for id in sorted(told.keys() | said.keys()) if told.get(id) != said.get(id)]


def rewritten(text, features, results):
    cells_between(text)
    lines = "\n".join([BEGIN, *table(features, results), END])
    return re.sub(rf"^{BEGIN}\n.*?^{END}$", lambda _: lines, text, flags=re.MULTILINE | re.DOTALL)


def result_in(archive):
    """The result among the outputs of a test, as Bazel packs them."""
    with zipfile.ZipFile(archive) as outputs:
        return json.loads(outputs.read("features.json"))


def main(root, archives):
    features = load(os.path.join(root, FEATURES))
    results = [result_in(archive) for archive in archives]
    for result in results:
        offences = offences_of(features, result)
        if offences:
            sys.exit("\n".join([f"{result['client']}:", *offences]))
    path = os.path.join(root, README)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(rewritten(text, features, results))
    for result in results:
        values = result["features"].values()
        print(f"{title_of(result['client'])}: {sum(v == 'yes' for v in values)} of {len(values)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
