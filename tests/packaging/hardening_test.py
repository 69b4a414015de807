#!/usr/bin/python3
"""What --config=release builds is hardened, and who takes a flag away is told."""

import os
import re
import shlex
import subprocess
import sys
import unittest

from tools.package.hardening import main, missing

PROGRAMS = ("app/broker", "clients/cli/esockets")
IS_RELEASE = "--release" in sys.argv
# What only --config=release asks for.
OF_A_RELEASE = ("stack protector", "checked functions", "landing pads")
SAMPLE = "tests/packaging/hardened_sample.cc"

# Of what a flag in .bazelrc is the cause.
CAUSES = {
    "-D_FORTIFY_SOURCE=3": "checked functions",
    "-fstack-protector-strong": "stack protector",
    "-fcf-protection=full": "landing pads",
    "-Wl,-z,relro,-z,now": "bound at the start",
    "-Wl,-z,noexecstack": "a stack that is not executable",
}
# What the compiler does with the flag of the opposite kind.
OPPOSITES = {
    "-Wl,-z,relro,-z,now": "-Wl,-z,norelro,-z,lazy",
    "-Wl,-z,noexecstack": "-Wl,-z,execstack",
    "-fstack-protector-strong": "-fno-stack-protector",
}


def release_flags():
    """Of the compiler and the linker, as .bazelrc has them."""
    with open(".bazelrc", encoding="utf-8") as file:
        lines = [line for line in file if line.startswith("build:release ")]
    words = [word for line in lines for word in shlex.split(line)[1:]]
    return [word.split("=", 1)[1] for word in words if re.match(r"--(copt|linkopt)=", word)]


def build(flags):
    program = os.path.join(os.environ["TEST_TMPDIR"], "sample")
    subprocess.run(["g++", "-O2", SAMPLE, "-o", program, *flags], check=True)
    return program


class HardeningTest(unittest.TestCase):

    def test_the_flags_of_a_release_harden(self):
        self.assertEqual(missing(build(release_flags())), [])
        self.assertEqual(main([build(release_flags())]), 0)

    def test_a_flag_that_is_gone_is_missed(self):
        for flag, cause in CAUSES.items():
            with self.subTest(flag=flag):
                flags = release_flags()
                flags[flags.index(flag)] = OPPOSITES.get(flag, "-DNOTHING")
                program = build(flags)
                self.assertTrue(any(line.startswith(cause) for line in missing(program)),
                                missing(program))
                self.assertEqual(main([program]), 1)

    def test_the_plain_stack_protector_is_not_enough(self):
        flags = release_flags()
        flags[flags.index("-fstack-protector-strong")] = "-fstack-protector"
        self.assertIn("stack protector (-fstack-protector-strong)", missing(build(flags)))

    def test_what_no_flag_gives_is_missed_too(self):
        for flags, cause in ((["-no-pie", "-fno-pie"], "position-independent"),
                             (["-Wl,-rpath,/opt/lib"], "libraries from the system's folders"),
                             (["-Wl,-z,norelro"], "RELRO")):
            with self.subTest(flags=flags):
                found = missing(build(release_flags() + flags))
                self.assertEqual([line.startswith(cause) for line in found], [True], found)

    def test_our_programs(self):
        """All is asked for of a release alone, and of others what the tools of all builds give."""
        for program in PROGRAMS:
            found = missing(program)
            if not IS_RELEASE:
                found = [line for line in found if not line.startswith(OF_A_RELEASE)]
            self.assertEqual(found, [], program)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
