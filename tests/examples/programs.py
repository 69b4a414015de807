"""Programs under test, and what they print, line by line."""

import os
import pty
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

    def signal(self, number):
        self._process.send_signal(number)

    def end(self):
        """Closes its input, and waits; returns what it still printed and its exit code."""
        rest = self._process.communicate()[0]
        return rest, self._process.returncode


class OnTerminal:
    """A child process on a terminal of its own."""

    def __init__(self, *command):
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execv(command[0], command)
        self._unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        os.close(self._terminal)  # hangs up

    def type(self, keys):
        os.write(self._terminal, keys)

    def expect(self, pattern):
        """Reads until the pattern has come; returns its match."""
        while not (match := re.search(pattern, self._unread)):
            self._unread += os.read(self._terminal, 4096)
        self._unread = self._unread[match.end():]
        return match

    def end(self):
        """Waits until it ends; returns what it still showed and its exit code."""
        try:
            while data := os.read(self._terminal, 4096):
                self._unread += data
        except OSError:  # so Linux says that the other end is closed
            pass
        return self._unread, os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


class Broker(Program):
    """A broker of its own for a test: on a free port, or where `listen` says."""

    def __init__(self, listen="127.0.0.1:0", *flags):
        super().__init__("app/broker", f"--listen={listen}", "--log_level=warning", *flags)
        self.address = self.expect(r"listening on (\S+)").group(1)


class RememberingBroker(Broker):
    """A broker as the READMEs of the examples start it."""

    def __init__(self, listen="127.0.0.1:0"):
        super().__init__(listen, "--config=examples/broker.textproto")
