#!/usr/bin/python3
"""What hardens a program, and this one lacks: read in its file, whatever flags it was built with.

    hardening.py PROGRAM...
"""

import re
import subprocess
import sys

# endbr64, where indirect calls and jumps may land.
_LANDING = b"\xf3\x0f\x1e\xfa"
# What every program gets from the C runtime has some; a program of ours has a function, and so one
# more, in so many bytes, or in far fewer.
_RUNTIME_LANDINGS = 3
_BYTES_PER_LANDING = 4096


def _readelf(program, *flags):
    return subprocess.run(["readelf", "--wide", *flags, program], check=True, capture_output=True,
                          text=True).stdout


def _code(program):
    """Bytes of the section .text."""
    found = re.search(r" \.text +PROGBITS +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) ",
                      _readelf(program, "--section-headers"))
    with open(program, "rb") as file:
        file.seek(int(found[1], 16))
        return file.read(int(found[2], 16))


def _lacks_landings(program):
    if "X86-64" not in _readelf(program, "--file-header"):
        return False
    code = _code(program)
    return code.count(_LANDING) <= _RUNTIME_LANDINGS + len(code) // _BYTES_PER_LANDING


def missing(program):
    """One line for each protection that the program lacks."""
    header = _readelf(program, "--file-header")
    segments = _readelf(program, "--program-headers")
    dynamic = _readelf(program, "--dynamic")
    imports = set(re.findall(r" UND (\w+)", _readelf(program, "--dyn-syms")))
    stack = re.search(r"GNU_STACK .* (R?W?E?) +0x", segments)
    lacks = {
        "position-independent (-fPIE -pie)": "DYN (Pos" not in header,
        "RELRO (-Wl,-z,relro)": "GNU_RELRO" not in segments,
        "bound at the start (-Wl,-z,now)": "NOW" not in dynamic,
        "a stack that is not executable (-Wl,-z,noexecstack)": not stack or "E" in stack[1],
        "stack protector (-fstack-protector-strong)": "__stack_chk_fail" not in imports,
        "checked functions (-D_FORTIFY_SOURCE)":
            not any(name.endswith("_chk") and name.startswith("__") for name in imports),
        "landing pads of indirect calls (-fcf-protection)": _lacks_landings(program),
        "code without relocations": "TEXTREL" in dynamic,
        "libraries from the system's folders alone (no RPATH)":
            bool(re.search(r"\((RPATH|RUNPATH)\)", dynamic)),
    }
    return [what for what, is_missing in lacks.items() if is_missing]


def main(programs):
    offences = [f"{program}: not hardened: {what}"
                for program in programs for what in missing(program)]
    print("\n".join(offences), file=sys.stderr, end="\n" if offences else "")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
