#!/usr/bin/python3
"""A page of the manual from what a program says to --help, and each of its subcommands too.

    man_page.py PROGRAM NAME SECTION SEE_ALSO OUTPUT

NAME is what the program is called where it is installed.
"""

import os
import re
import subprocess
import sys

_COLUMN = 30  # where CLI11 begins the text of an option
_OPTIONS = ("Options", "Positionals", "Subcommands")


def escaped(text):
    """As roff prints it, and no line of it is a request."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def items(lines):
    """[(name, text)] of a list in columns. A name that is too long has its text in the next line."""
    found = []
    for number, line in enumerate(lines):
        if line.startswith(" " * _COLUMN):
            found[-1][1] += f" {line.strip()}"
            continue
        is_long = number + 1 < len(lines) and lines[number + 1].startswith(" " * _COLUMN) \
            and "  " not in line.strip()
        end = len(line) if is_long else _COLUMN
        found.append([line[:end].strip(), line[end:].strip()])
    return [(name, text.strip()) for name, text in found]


def parts(help_text):
    """{title: lines}; the description is that of "", and a line "Title: words" is a part too."""
    found, title = {"": []}, ""
    for line in help_text.splitlines():
        heading = re.match(r"(Usage|Options|Positionals|Subcommands|Examples|Exit codes):\s*(.*)$", line)
        if heading:
            title = heading[1]
            found[title] = [heading[2]] if heading[2] else []
        elif line.strip():
            found[title].append(line)
    return found


def option_list(lines):
    return "".join(f".TP\n.B {escaped(name)}\n" + (f"{escaped(text)}\n" if text else "")
                   for name, text in items(lines) if not name.startswith("-h,"))


def example(lines):
    return ".nf\n" + escaped("\n".join(line.strip() for line in lines)) + "\n.fi\n"


def subcommand(name, help_text):
    """Its part of the page of all."""
    found = parts(help_text)
    text = f".SS {escaped(name)}\n{escaped(' '.join(found['']))}.\n.PP\n"
    text += f".B {escaped(found['Usage'][0])}\n"
    for title in ("Positionals", "Options"):
        text += option_list(found.get(title, []))
    if found.get("Examples"):
        text += ".PP\n" + example(found["Examples"])
    return text


def exit_codes(lines):
    """Of "0 done, 1 wrong arguments, ...": one item each."""
    codes = re.split(r",\s+(?=\d+ )", " ".join(line.strip() for line in lines).rstrip("."))
    return "".join(f".TP\n.B {code}\n{escaped(text)}\n"
                   for code, _, text in (code.partition(" ") for code in codes))


def commands(help_of, words=()):
    """The words of each command, also of those that stand behind another."""
    names = [command for command, _ in items(parts(help_of(list(words))).get("Subcommands", []))]
    for command in names:
        yield from list(commands(help_of, (*words, command))) or [(*words, command)]


def page(name, section, version, help_of, see_also):
    """help_of(words) is what the program says to those words and --help."""
    found = parts(help_of([]))
    what = " ".join(found[""]).rstrip(".")
    text = f'.TH {escaped(name.upper())} {section} "" "{escaped(version)}"\n'
    text += f".SH NAME\n{escaped(name)} \\- {escaped(what[0].lower() + what[1:])}\n"
    text += f".SH SYNOPSIS\n.B {escaped(found['Usage'][0])}\n.SH OPTIONS\n"
    text += option_list(found["Options"])
    text += ".SH COMMANDS\n" if found.get("Subcommands") else ""
    text += "".join(subcommand(" ".join(words), help_of(list(words))) for words in commands(help_of))
    text += f".SH EXAMPLES\n{example(found['Examples'])}"
    text += f".SH EXIT STATUS\n{exit_codes(found['Exit codes'])}"
    return text + f".SH SEE ALSO\n{escaped(see_also)}\n"


def renamed(text, old, new):
    """The program's name where it is one: in its usage and at the beginning of an example."""
    return re.sub(rf"(?m)^(Usage: |  ){re.escape(old)}(?= )", rf"\g<1>{new}", text)


def main(program, name, section, see_also, output):
    def output_of(*words):
        return subprocess.run([os.path.abspath(program), *words], check=True, capture_output=True,
                              text=True).stdout

    def help_of(words):
        return renamed(output_of(*words, "--help"), os.path.basename(program), name)

    version = output_of("--version").strip() if section == "8" else "ESocketS"
    with open(output, "w", encoding="utf-8") as file:
        file.write(page(name, section, version, help_of, see_also))


if __name__ == "__main__":
    main(*sys.argv[1:])
