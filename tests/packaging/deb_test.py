#!/usr/bin/python3
"""Packages from files: where they lie, what is said of them, and that nothing else decides the bytes."""

import os
import subprocess
import tempfile
import unittest

from tools.package.deb import dependencies, main

CONTROL = """\
Package: small
Version: @VERSION@
Architecture: @ARCHITECTURE@
Installed-Size: @INSTALLED_SIZE@
Depends: @DEPENDS@
Maintainer: Nobody <nobody@localhost>
Description: small
"""


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class DebTest(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        self.write("control", CONTROL)
        self.write("conffiles", "/etc/small.conf\n")
        self.write("postinst", "#!/bin/sh\n")
        self.write("small.conf", "a\n")
        self.write("small.1", ".TH SMALL 1\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def build(self, name):
        deb = self.path(name)
        main(deb, "1.2", self.path("control"), self.path("conffiles"), self.path("postinst"), "--",
             "/bin/true=usr/bin/small", self.path("small.conf") + "=etc/small.conf",
             self.path("small.1") + "=usr/share/man/man1/small.1")
        return deb

    def test_what_is_said(self):
        fields = output_of("dpkg-deb", "--field", self.build("a.deb"))
        self.assertIn("Version: 1.2\n", fields)
        self.assertRegex(fields, r"Depends: libc6 \(>= ")
        self.assertRegex(fields, r"Installed-Size: [1-9]\d*\n")
        self.assertNotIn("@V", fields)

    def test_where_files_lie(self):
        listing = output_of("dpkg-deb", "--contents", self.build("a.deb"))
        for mode, path in (("-rwxr-xr-x root/root", "./usr/bin/small"),
                           ("-rw-r--r-- root/root", "./etc/small.conf"),
                           ("-rw-r--r-- root/root", "./usr/share/man/man1/small.1.gz")):
            self.assertRegex(listing, rf"(?m)^{mode} .* {path}$")

    def test_sums_are_of_what_is_no_configuration(self):
        out = self.path("out")
        output_of("dpkg-deb", "--raw-extract", self.build("a.deb"), out)
        with open(os.path.join(out, "DEBIAN/md5sums"), encoding="utf-8") as file:
            names = [line.split()[1] for line in file]
        self.assertEqual(names, ["usr/bin/small", "usr/share/man/man1/small.1.gz"])
        self.assertTrue(os.access(os.path.join(out, "DEBIAN/postinst"), os.X_OK))

    def test_the_same_input_gives_the_same_bytes(self):
        contents = []
        for name in ("a.deb", "b.deb"):
            with open(self.build(name), "rb") as file:
                contents.append(file.read())
        self.assertEqual(contents[0], contents[1])

    def test_dependencies_of_none_that_is_linked_twice(self):
        self.assertEqual(dependencies(["/bin/true", "/bin/false"]).count("libc6"), 1)


if __name__ == "__main__":
    unittest.main()
