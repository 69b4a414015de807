#!/usr/bin/python3
"""What serves the pages says where they are, as its last line, and that is where they are."""

import socket
import unittest
import urllib.request

from tests.examples.programs import Program

PAGES = ("chat", "telemetry")


def launcher(page, *flags):
    return Program(f"examples/{page}/web/web", "--admin_listen=off", *flags)


def where(page, program):
    return program.expect(rf"^Open (http://\S+/{page}/) in a browser").group(1)


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


class WebTest(unittest.TestCase):

    def test_the_last_line_says_where_the_page_is(self):
        for page in PAGES:
            with self.subTest(page), launcher(page, "--port=0") as program:
                url = where(page, program)
                self.assertIn(f"<title>{page.title()}</title>", fetch(url))
                for file in ("icon.svg", "main.js", "style.css"):
                    self.assertTrue(fetch(url + file))
                program.terminate()
                self.assertEqual(program.end(), ("", 0))

    def test_nothing_to_open_where_the_port_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            for page in PAGES:
                with self.subTest(page), launcher(page, f"--port={other.getsockname()[1]}") as program:
                    text, code = program.end()
                    self.assertEqual(code, 1)
                    self.assertRegex(text, r"\A[^\n]+ already in use; [^\n]+\n\Z")

    def test_flags_are_the_brokers(self):
        for page in PAGES:
            with self.subTest(page), launcher(page, "--help") as program:
                text, code = program.end()
                self.assertEqual(code, 0)
                self.assertIn("--drain_timeout_ms", text)
                self.assertNotIn("Open", text)
        with launcher("chat", "--config=/nowhere") as program:
            self.assertEqual(program.end(), ("broker: /nowhere: there is no such file\n", 2))

    def test_two_agents_report_to_the_telemetry_page(self):
        with launcher("telemetry", "--port=0") as program:
            address = where("telemetry", program).split("/")[2]
            with Program("examples/telemetry/viewer", f"--broker={address}",
                         "--interval_ms=50") as viewer:
                viewer.expect("^another cpu ")
                viewer.expect(f"^{socket.gethostname()} cpu ")


if __name__ == "__main__":
    unittest.main()
