"""Programs under test, and what they print, line by line."""

import re
import subprocess


class Program:
    """A child process with pipes. Waits for lines, however long they take."""

    def __init__(self, *command):
        self._command = command
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def type(self, line):
        self._process.stdin.write(line + "\n")

    def expect(self, pattern):
        """Reads up to the next line that holds the pattern; returns its match."""
        seen = []
        for line in self._process.stdout:
            seen.append(line)
            if match := re.search(pattern, line):
                return match
        raise AssertionError(f"{self._command[0]} ended without {pattern!r}:\n{''.join(seen)}")

    def terminate(self):
        self._process.terminate()

    def end(self):
        """Closes its input, and waits; returns what it still printed and its exit code."""
        rest = self._process.communicate()[0]
        return rest, self._process.returncode


class Broker(Program):
    """A broker of its own for a test, on a free port."""

    def __init__(self):
        super().__init__("app/broker", "--port=0", "--log_level=warning")
        self.address = self.expect(r"listening on (\S+)").group(1)
