"""Builds a wheel offline with Debian's setuptools, from files that Bazel names.

    build_wheel.py --root=clients/python --out=DIR FILE...
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import warnings


def place(path, root, folder):
    """Copies a file to where it is below the package's root; others to the root itself."""
    _, found, within = path.partition(root + "/")
    target = folder / (within if found else os.path.basename(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    out = os.path.abspath(options.out)
    # The same sources give the same bytes.
    os.environ["SOURCE_DATE_EPOCH"] = "946684800"
    os.environ["HOME"] = os.environ.get("HOME", "/")
    with tempfile.TemporaryDirectory() as folder:
        for path in options.files:
            place(path, options.root, pathlib.Path(folder))
        os.chdir(folder)
        sys.path.insert(0, folder)
        sys.argv = ["setup.py"]
        warnings.simplefilter("ignore")  # setuptools calls a part of pyproject.toml new
        from setuptools import build_meta
        build_meta.build_wheel(out)


if __name__ == "__main__":
    main()
