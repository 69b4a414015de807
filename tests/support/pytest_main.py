"""Runs the tests of one file with pytest, for Bazel: the last line says how many passed."""

import asyncio
import functools
import gc
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
    """An async test, in a loop of its own. It gives up after a minute, and never measures. What a
    task or a callback of the loop has failed with, and nobody has looked at, fails the test."""

    @functools.wraps(test)
    def run_test(*arguments, **fixtures):
        async def limited():
            unseen = []
            asyncio.get_running_loop().set_exception_handler(
                lambda loop, context: unseen.append(context))
            await asyncio.wait_for(test(*arguments, **fixtures), 60)
            gc.collect()  # a task says so when it goes
            assert not unseen

        asyncio.run(limited())

    run_test.__signature__ = inspect.signature(test)
    return run_test
