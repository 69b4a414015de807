#!/usr/bin/python3
"""A Debian package from files that were built. The same bytes for the same input.

    deb.py OUTPUT VERSION CONTROL_FOLDER_FILE... -- SOURCE=PATH...

The files before "--" go into the package's DEBIAN folder; "control" is a template. PATH is where a
file lies on the system: below bin and sbin it is a program, below man it is compressed.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

_SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def output_of(*command, folder=None):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout


def is_program(path):
    return path.startswith(("usr/bin/", "usr/sbin/"))


def place(source, path, tree):
    """Puts one file to where it belongs, as Debian wants it there."""
    target = os.path.join(tree, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if path.startswith("usr/share/man/"):
        with open(source, "rb") as page, open(target + ".gz", "wb") as file:
            file.write(gzip.compress(page.read(), 9, mtime=0))
        target += ".gz"
    elif is_program(path):
        subprocess.run(["strip", "--strip-unneeded", "--remove-section=.comment", "-o", target,
                        source], check=True)
    else:
        shutil.copyfile(source, target)
    os.chmod(target, 0o755 if is_program(path) else 0o644)


def files_of(tree):
    """Paths below the tree, sorted."""
    return sorted(os.path.relpath(os.path.join(folder, name), tree)
                  for folder, _, names in os.walk(tree) for name in names)


def dependencies(programs):
    """Of the packages whose libraries the programs are linked with, as dpkg-shlibdeps finds them."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "debian"))
        with open(os.path.join(folder, "debian/control"), "w", encoding="utf-8") as file:
            file.write("Source: esockets\n\nPackage: esockets\nArchitecture: any\n")
        said = output_of("dpkg-shlibdeps", "--ignore-missing-info", "-O",
                         *map(os.path.abspath, programs), folder=folder)
    return re.search(r"^shlibs:Depends=(.*)$", said, re.M)[1]


def md5sums(tree, conffiles):
    lines = []
    for path in files_of(tree):
        if "/" + path not in conffiles:
            with open(os.path.join(tree, path), "rb") as file:
                lines.append(f"{hashlib.md5(file.read()).hexdigest()}  {path}\n")
    return "".join(lines)


def control(template, version, tree):
    """The template with what is known of the files."""
    paths = [os.path.join(tree, path) for path in files_of(tree)]
    words = {
        "VERSION": version,
        "ARCHITECTURE": output_of("dpkg", "--print-architecture").strip(),
        "INSTALLED_SIZE": str(sum(-(-os.path.getsize(path) // 1024) for path in paths)),
        "DEPENDS": dependencies([p for p in paths if is_program(os.path.relpath(p, tree))]),
    }
    return re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], template)


def write_debian(tree, version, sources):
    """The folder that is not installed: control, scripts, sums."""
    texts = {}
    for source in sources:
        with open(source, encoding="utf-8") as file:
            texts[os.path.basename(source)] = file.read()
    texts["md5sums"] = md5sums(tree, texts.get("conffiles", "").split())
    texts["control"] = control(texts["control"], version, tree)
    os.mkdir(os.path.join(tree, "DEBIAN"))
    for name, text in texts.items():
        target = os.path.join(tree, "DEBIAN", name)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(target, 0o755 if name in _SCRIPTS else 0o644)


def main(output, version, *arguments):
    split = arguments.index("--")
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "tree")
        os.mkdir(tree)
        for argument in arguments[split + 1:]:
            place(*argument.split("=", 1), tree)
        write_debian(tree, version, arguments[:split])
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, output],
                       check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "SOURCE_DATE_EPOCH": "0"})


if __name__ == "__main__":
    main(*sys.argv[1:])
