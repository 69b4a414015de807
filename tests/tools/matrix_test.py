#!/usr/bin/python3
"""What ./dev matrix writes, and that the table in the tree is what it would write."""

import json
import os
import tempfile
import unittest
import zipfile

from tests.conformance import conform
from tools.dev import matrix

FEATURES = [{"id": "publish", "text": "fire and forget"}, {"id": "unix", "text": "over UNIX"}]
EMPTY = f"# Clients\n\n{matrix.BEGIN}\n{matrix.END}\n\nMore.\n"


def result(client, publish="yes", unix="yes"):
    return {"client": client, "features": {"publish": publish, "unix": unix}}


class MatrixTest(unittest.TestCase):

    def test_columns_come_as_clients_appear(self):
        text = matrix.rewritten(EMPTY, FEATURES, [result("cpp")])
        self.assertEqual(text, "# Clients\n\n<!-- matrix -->\n"
                               "| Feature | What | C++ |\n|---|---|---|\n"
                               "| `publish` | fire and forget | yes |\n"
                               "| `unix` | over UNIX | yes |\n<!-- /matrix -->\n\nMore.\n")
        results = [result("rust"), result("typescript", unix="no: browsers have none"),
                   result("cpp"), result("python")]
        text = matrix.rewritten(text, FEATURES, results)
        self.assertIn("\n| Feature | What | C++ | Python | TypeScript | rust |\n", text)
        self.assertIn("\n| `unix` | over UNIX | yes | yes | no: browsers have none | yes |\n", text)
        for one in results:
            self.assertEqual(matrix.column(text, one["client"]), one["features"])
        self.assertEqual(matrix.rewritten(text, FEATURES, results), text)

    def test_a_text_without_markers_is_refused(self):
        for text in "# Clients\n", f"{matrix.END}\n{matrix.BEGIN}\n":
            with self.assertRaises(ValueError):
                matrix.rewritten(text, FEATURES, [result("cpp")])

    def test_results(self):
        cases = [
            ("whole", {"publish": "yes", "unix": "no: why not"}, []),
            ("unknown", {"publish": "yes", "unix": "yes", "fly": "yes"}, ["fly"]),
            ("missing", {"publish": "yes"}, ["unix"]),
            ("no reason", {"publish": "no: ", "unix": "no"}, ["publish", "unix"]),
            ("breaks the table", {"publish": "no: a | b", "unix": "maybe"}, ["publish", "unix"]),
        ]
        for name, features, want in cases:
            with self.subTest(name):
                offences = matrix.offences_of(FEATURES, {"client": "cpp", "features": features})
                self.assertEqual([o.split(":")[0] for o in offences], want)

    def test_a_result_that_differs_from_the_table_fails(self):
        readme = matrix.rewritten(EMPTY, FEATURES, [result("cpp")])
        lost = result("cpp", unix="no: broken")
        cases = [
            ("the same", "cpp", result("cpp"), False, 0),
            ("lost", "cpp", lost, False, 2),
            ("lost, while the table is written", "cpp", lost, True, 0),
            ("incomplete, while the table is written", "cpp",
             {"client": "cpp", "features": {"unix": "yes"}}, True, 1),
            ("no column", "python", result("python"), False, 3),
            ("another client", "python", result("cpp"), False, 1),
        ]
        for name, client, told, rewrite, want in cases:
            with self.subTest(name):
                self.assertEqual(len(conform.why_not(client, told, FEATURES, readme, rewrite)), want)

    def test_from_the_outputs_of_tests_to_the_file(self):
        with tempfile.TemporaryDirectory() as root:
            for path, text in (matrix.FEATURES, json.dumps(FEATURES)), (matrix.README, EMPTY):
                os.makedirs(os.path.dirname(os.path.join(root, path)))
                with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                    f.write(text)
            archive = os.path.join(root, "outputs.zip")
            with zipfile.ZipFile(archive, "w") as outputs:
                outputs.writestr("features.json", json.dumps(result("python")))
            matrix.main(root, [archive])
            with open(os.path.join(root, matrix.README), encoding="utf-8") as f:
                self.assertEqual(matrix.column(f.read(), "python"), result("python")["features"])
            with zipfile.ZipFile(archive, "w") as outputs:
                outputs.writestr("features.json", json.dumps(result("python", unix="no")))
            with self.assertRaises(SystemExit):
                matrix.main(root, [archive])

    def test_the_table_in_the_tree_has_a_row_for_each_feature(self):
        features = matrix.load(matrix.FEATURES)
        with open(matrix.README, encoding="utf-8") as f:
            text = f.read()
        clients = [c for c in matrix.TITLES if matrix.column(text, c)]
        self.assertIn("cpp", clients)
        results = [{"client": c, "features": matrix.column(text, c)} for c in clients]
        for one in results:
            self.assertEqual(matrix.offences_of(features, one), [])
        self.assertEqual(matrix.rewritten(text, features, results), text)


if __name__ == "__main__":
    unittest.main()
