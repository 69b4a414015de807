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

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        for name, text in (("control", CONTROL), ("conffiles", "/etc/small.conf\n"),
                           ("postinst", "#!/bin/sh\n"), ("small.conf", "a\n"),
                           ("small.1", ".TH SMALL 1\n")):
            with open(cls.path(name), "w", encoding="utf-8") as file:
                file.write(text)
        cls.deb = cls.build("a.deb")

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def build(cls, name):
        deb = cls.path(name)
        main(deb, "1.2", cls.path("control"), cls.path("conffiles"), cls.path("postinst"), "--",
             "/bin/true=usr/bin/small", cls.path("small.conf") + "=etc/small.conf",
             cls.path("small.1") + "=usr/share/man/man1/small.1")
        return deb

    def test_what_is_said(self):
        fields = output_of("dpkg-deb", "--field", self.deb)
        self.assertIn("Version: 1.2\n", fields)
        self.assertRegex(fields, r"Depends: libc6 \(>= ")
        self.assertRegex(fields, r"Installed-Size: [1-9]\d*\n")
        self.assertNotIn("@V", fields)

    def test_where_files_lie(self):
        listing = output_of("dpkg-deb", "--contents", self.deb)
        for mode, path in (("-rwxr-xr-x root/root", "./usr/bin/small"),
                           ("-rw-r--r-- root/root", "./etc/small.conf"),
                           ("-rw-r--r-- root/root", "./usr/share/man/man1/small.1.gz")):
            self.assertRegex(listing, rf"(?m)^{mode} .* {path}$")

    def test_sums_are_of_what_is_no_configuration(self):
        out = self.path("out")
        output_of("dpkg-deb", "--raw-extract", self.deb, out)
        with open(os.path.join(out, "DEBIAN/md5sums"), encoding="utf-8") as file:
            names = [line.split()[1] for line in file]
        self.assertEqual(names, ["usr/bin/small", "usr/share/man/man1/small.1.gz"])
        self.assertTrue(os.access(os.path.join(out, "DEBIAN/postinst"), os.X_OK))

    def test_the_same_input_gives_the_same_bytes(self):
        contents = []
        for deb in (self.deb, self.build("b.deb")):
            with open(deb, "rb") as file:
                contents.append(file.read())
        self.assertEqual(contents[0], contents[1])

    def test_dependencies_of_none_that_is_linked_twice(self):
        self.assertEqual(dependencies(["/bin/true", "/bin/false"]).count("libc6"), 1)


if __name__ == "__main__":
    unittest.main()
