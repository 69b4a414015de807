#!/usr/bin/python3
"""The echo program: what is sent comes back, and SIGTERM ends it in order."""

import socket
import subprocess
import unittest

from tests.examples.programs import Program

ECHO = "examples/echo/echo"


class EchoTest(unittest.TestCase):

    def setUp(self):
        self.program = Program(ECHO, "--port=0")
        self.enterContext(self.program)
        self.program.expect("the server starts")
        match = self.program.expect(r"listening on (127\.0\.0\.1):(\d+)")
        self.address = match.group(1), int(match.group(2))

    def test_echoes_and_ends(self):
        with socket.create_connection(self.address) as client, client.makefile("rb") as stream:
            client.sendall(b"hello\n")
            self.assertEqual(stream.readline(), b"hello\n")
            large = bytes(range(256)) * 10_000
            client.sendall(large[:100_000])
            self.assertEqual(stream.read(100_000), large[:100_000])
            self.program.terminate()
            self.assertEqual(stream.read(), b"")
        for line in (" connected, fd ", " bytes", "^shutting down$", " disconnected: ", "^shut down$"):
            self.program.expect(line)
        self.assertEqual(self.program.end(), ("", 0))

    def test_a_port_in_use_is_explained(self):
        second = subprocess.run([ECHO, f"--port={self.address[1]}"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another process listens there", second.stderr)


if __name__ == "__main__":
    unittest.main()
