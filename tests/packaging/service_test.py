#!/usr/bin/python3
"""The unit of systemd: it is right, shut in, and gives the broker the time to drain."""

import os
import re
import shutil
import subprocess
import unittest

UNIT = "deploy/systemd/esockets.service"
# As `systemd-analyze security` counts, times ten: 0 is shut in, 100 is not.
EXPOSURE_MAX = 20


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class ServiceTest(unittest.TestCase):

    def settings(self, name):
        return re.findall(rf"(?m)^{name}=(.*)$", read(UNIT))

    def analyze(self, *arguments):
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze (Debian: systemd)")
        # The program is not installed here, and any will do.
        path = os.path.join(os.environ["TEST_TMPDIR"], "esockets.service")
        with open(path, "w", encoding="utf-8") as file:
            file.write(read(UNIT).replace("/usr/sbin/esockets-broker", "/bin/true"))
        return subprocess.run(["systemd-analyze", *arguments, path], capture_output=True, text=True,
                              check=False)

    def test_systemd_understands_it(self):
        done = self.analyze("verify", "--man=no", "--recursive-errors=no")
        said = [line for line in done.stderr.splitlines() if "esockets.service" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)

    def test_it_is_shut_in(self):
        done = self.analyze("security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                            "--no-pager")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_leaves_the_time_to_drain(self):
        drain_ms = int(re.search(r"Default: (\d+)\.\n  optional uint32 drain_timeout_ms",
                                 read("app/config.proto"))[1])
        self.assertGreater(1000 * int(self.settings("TimeoutStopSec")[0]), drain_ms)

    def test_it_runs_as_nobody_else(self):
        self.assertEqual(self.settings("User"), ["esockets"])
        for name in ("CapabilityBoundingSet", "AmbientCapabilities"):
            self.assertEqual(self.settings(name), [""])

    def test_a_wrong_configuration_starts_and_reloads_nothing(self):
        check = self.settings("ExecStart")[0] + " --check_config"
        self.assertEqual(self.settings("ExecStartPre"), [check])
        self.assertEqual(self.settings("ExecReload"), [check, "/bin/kill -HUP $MAINPID"])


if __name__ == "__main__":
    unittest.main()
