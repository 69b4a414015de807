#!/usr/bin/python3
"""What the package has, where Debian wants it."""

import os
import re
import subprocess
import tempfile
import unittest

DEB = "tools/package/esockets.deb"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def owners_of(libraries):
    """{library: names of the packages that have it, and those that these provide}."""
    found = {library: set() for library in libraries}
    lines = output_of("dpkg-query", "--search", *(f"*/{library}" for library in libraries))
    for package, path in re.findall(r"(?m)^(\S+?)(?::\w+)?: (\S+)$", lines):
        found[os.path.basename(path)].add(package)
    for owners in found.values():
        provided = output_of("dpkg-query", "--show", "--showformat=${Provides}, ", *owners)
        owners |= {name.split()[0] for name in provided.split(", ") if name.strip()}
    return found


class PackageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.tree = os.path.join(tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"]), "tree")
        output_of("dpkg-deb", "--raw-extract", DEB, cls.tree)

    def test_files(self):
        found = sorted(re.findall(r" \./(\S*[^/\s])$", output_of("dpkg-deb", "--contents", DEB), re.M))
        self.assertEqual(found, [
            "etc/esockets/broker.textproto",
            "lib/systemd/system/esockets.service",
            "usr/bin/esockets",
            "usr/sbin/esockets-broker",
            "usr/share/doc/esockets/CONFIGURATION.md",
            "usr/share/doc/esockets/OPERATIONS.md",
            "usr/share/doc/esockets/SECURITY.md",
            "usr/share/doc/esockets/broker.textproto",
            "usr/share/doc/esockets/copyright",
            "usr/share/man/man1/esockets.1.gz",
            "usr/share/man/man8/esockets-broker.8.gz",
        ])

    def test_it_depends_on_what_its_programs_link(self):
        said = output_of("dpkg-deb", "--field", DEB, "Depends")
        names = set(re.findall(r"(?:^|, )([\w.+-]+)", said))
        self.assertLessEqual({"adduser", "init-system-helpers"}, names)
        libraries = set()
        for program in ("usr/bin/esockets", "usr/sbin/esockets-broker"):
            libraries |= set(re.findall(r"NEEDED.*\[(\S+)\]", output_of(
                "readelf", "--wide", "--dynamic", os.path.join(self.tree, program))))
        self.assertIn("libc.so.6", libraries)
        owners = owners_of(libraries)
        for library in libraries:
            self.assertTrue(names & owners[library], f"{library} is of {owners[library]}")

    def test_what_an_administrator_changes_is_kept(self):
        with open(os.path.join(self.tree, "DEBIAN/conffiles"), encoding="utf-8") as file:
            self.assertEqual(file.read().split(), ["/etc/esockets/broker.textproto"])

    def test_the_configuration_is_right(self):
        broker = os.path.join(self.tree, "usr/sbin/esockets-broker")
        for path in ("etc/esockets/broker.textproto", "usr/share/doc/esockets/broker.textproto"):
            said = output_of(broker, "--config=" + os.path.join(self.tree, path), "--check_config")
            self.assertIn("right", said)
            self.assertNotIn("warning", said)

    def test_its_scripts_are_shell(self):
        for script in ("postinst", "prerm", "postrm"):
            output_of("sh", "-n", os.path.join(self.tree, "DEBIAN", script))


if __name__ == "__main__":
    unittest.main()
