"""Runs the tests of one file with pytest, for Bazel: the last line says how many passed."""

import asyncio
import functools
import inspect
import os
import sys
import tempfile

import pytest


def run(path, arguments=()):
    """Ends the process."""
    # Python's options would be read from files of the machine's.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    folder = os.environ.get("TEST_TMPDIR") or tempfile.gettempdir()
    only = os.environ.get("TESTBRIDGE_TEST_ONLY")
    flags = ["-k", only] if only else []
    sys.exit(pytest.main([path, "-q", "-ra", "-c", os.devnull, "--rootdir", os.path.dirname(path),
                          "-p", "no:cacheprovider", "--basetemp", os.path.join(folder, "pytest"),
                          "-W", "error::pytest.PytestUnhandledThreadExceptionWarning",
                          *flags, *arguments, *sys.argv[1:]]))


def in_loop(test):
    """An async test, in a loop of its own. It gives up after a minute, and never measures."""

    @functools.wraps(test)
    def run_test(*arguments, **fixtures):
        async def limited():
            await asyncio.wait_for(test(*arguments, **fixtures), 60)

        asyncio.run(limited())

    run_test.__signature__ = inspect.signature(test)
    return run_test
