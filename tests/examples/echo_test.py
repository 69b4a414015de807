#!/usr/bin/python3
"""The echo program: what is sent comes back, and SIGTERM ends it in order."""

import re
import signal
import socket
import subprocess
import unittest


class EchoTest(unittest.TestCase):

    def setUp(self):
        self.program = subprocess.Popen(["examples/echo/echo", "--port=0"],
                                        stdout=subprocess.PIPE, text=True)
        self.lines = []
        match = self.expect(r"listening on (127\.0\.0\.1):(\d+)")
        self.address = match.group(1), int(match.group(2))

    def tearDown(self):
        self.program.kill()
        self.program.wait()
        self.program.stdout.close()

    def expect(self, pattern):
        for line in self.program.stdout:
            self.lines.append(line)
            if match := re.search(pattern, line):
                return match
        raise AssertionError(f"ended without {pattern!r}:\n{''.join(self.lines)}")

    def test_echoes_and_ends(self):
        with socket.create_connection(self.address) as client, client.makefile("rb") as stream:
            client.sendall(b"hello\n")
            self.assertEqual(stream.readline(), b"hello\n")
            large = bytes(range(256)) * 10_000
            client.sendall(large[:100_000])
            self.assertEqual(stream.read(100_000), large[:100_000])
            self.program.send_signal(signal.SIGTERM)
            self.assertEqual(stream.read(), b"")
        self.expect(r"^shut down$")
        self.assertEqual(self.program.wait(), 0)
        text = "".join(self.lines)
        for callback in ("the server starts", " connected, fd ", " bytes", "shutting down",
                         " disconnected: "):
            self.assertIn(callback, text)

    def test_a_port_in_use_is_explained(self):
        second = subprocess.run(["examples/echo/echo", f"--port={self.address[1]}"],
                                capture_output=True, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another process listens there", second.stderr)


if __name__ == "__main__":
    unittest.main()
