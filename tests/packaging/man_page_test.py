#!/usr/bin/python3
"""The pages of the manual: all of --help is in them, and roff has nothing to say about them."""

import re
import shutil
import subprocess
import unittest

from tools.package.man_page import escaped, exit_codes, items, page, renamed

BROKER = "tools/package/esockets-broker.8"
CLIENT = "tools/package/esockets.1"

HELP = """\
Talks with somebody.
Usage: talk [OPTIONS] SUBCOMMAND

Options:
  -h,--help                   Print this help message and exit
  --short TEXT                a - and a \\
  --a_name_that_is_longer_than_its_column TEXT
                              begins here
  --twenty_seven_characters_ab begins behind it

Subcommands:
  hello                       Say it

Examples:
  talk hello
Exit codes: 0 done, 1 wrong, or
worse, 130 interrupted.
"""
HELLO = """\
Say it
Usage: talk hello [OPTIONS]

Options:
  -h,--help                   Print this help message and exit
  --loud                      louder

Examples:
  talk hello --loud
"""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def warnings(path):
    """Of groff, about everything."""
    return subprocess.run(["groff", "-z", "-ww", "-man", "-Tutf8", path], check=True,
                          capture_output=True, text=True).stderr


class ManPageTest(unittest.TestCase):

    def test_roff_warns_of_nothing(self):
        if not shutil.which("groff"):
            self.skipTest("there is no groff (Debian: groff-base)")
        for path in (BROKER, CLIENT):
            self.assertEqual(warnings(path), "", path)

    def test_all_of_help_is_there(self):
        for path, program in ((BROKER, "app/broker"), (CLIENT, "clients/cli/esockets")):
            said = subprocess.run([program, "--help"], check=True, capture_output=True,
                                  text=True).stdout
            text = read(path).replace(r"\-", "-")
            for word in re.findall(r"(?<![\w-])--(?!help\b)\w+", said):
                self.assertIn(word, text, path)

    def test_every_subcommand_has_its_part(self):
        text = read(CLIENT)
        for command in ("pub", "sub", "streams", "acl explain", "kick", "top", "bench"):
            self.assertIn(f".SS {command}\n", text)
            self.assertRegex(text, rf"\n\.B esockets {command} ")

    def test_the_program_has_the_name_that_is_installed(self):
        self.assertIn("\nesockets\\-broker \\-\\-port=4000\n", read(BROKER))
        self.assertEqual(renamed("Usage: a [X]\n  a --b\n  about a b\n", "a", "c"),
                         "Usage: c [X]\n  c --b\n  about a b\n")

    def test_a_page(self):
        text = page("talk", "1", "Talk 1", lambda words: HELLO if words else HELP, "listen(1)")
        self.assertEqual(text, r"""
.TH TALK 1 "" "Talk 1"
.SH NAME
talk \- talks with somebody
.SH SYNOPSIS
.B talk [OPTIONS] SUBCOMMAND
.SH OPTIONS
.TP
.B \-\-short TEXT
a \- and a \e
.TP
.B \-\-a_name_that_is_longer_than_its_column TEXT
begins here
.TP
.B \-\-twenty_seven_characters_ab
begins behind it
.SH COMMANDS
.SS hello
Say it.
.PP
.B talk hello [OPTIONS]
.TP
.B \-\-loud
louder
.PP
.nf
talk hello \-\-loud
.fi
.SH EXAMPLES
.nf
talk hello
.fi
.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 1
wrong, or worse
.TP
.B 130
interrupted
.SH SEE ALSO
listen(1)
""".lstrip("\n"))

    def test_no_line_is_a_request(self):
        self.assertEqual(escaped(".TP\n'x\na.b"), "\\&.TP\n\\&'x\na.b")

    def test_items_and_codes(self):
        self.assertEqual(items(["  A" + " " * 27 + "one", " " * 30 + "two", "  B"]),
                         [("A", "one two"), ("B", "")])
        self.assertEqual(exit_codes(["0 done, 1 not"]).count(".TP"), 2)


if __name__ == "__main__":
    unittest.main()
