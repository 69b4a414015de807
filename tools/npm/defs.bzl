"""Tests that run in Node."""

_PRETTIER = "prettier/bin/prettier.cjs"
_TSC = "typescript/bin/tsc"
_VITEST = "vitest/vitest.mjs"

def node_test(name, entry, args = [], data = [], **kwargs):
    """Runs a program of a package in a tree with the sources among `data`.

    Args:
      name: of the test.
      entry: its script under node_modules.
      args: its arguments; paths are from the workspace's root.
      data: sources, and what they need.
      **kwargs: as of every test.
    """
    native.sh_test(
        name = name,
        srcs = ["//tools/npm:run_in_tree.sh"],
        args = [entry] + args,
        data = data + ["@npm//:root", "@npm//:package-lock.json"],
        **kwargs
    )

def vitest_test(name, srcs, config = "tools/npm/vitest.config.ts", data = [], **kwargs):
    """Runs test files with vitest, and with its configuration of this path."""
    package = native.package_name()
    node_test(
        name = name,
        args = ["run", "--configLoader=runner", "--config=" + config] + [package + "/" + s for s in srcs],
        data = srcs + data + ["//tools/npm:vitest"],
        entry = _VITEST,
        **kwargs
    )

def tsc_test(name, project, data, **kwargs):
    """Checks the types of a project: the path of its tsconfig.json."""
    node_test(
        name = name,
        args = ["--noEmit", "--project", project],
        data = data + ["//tools/npm:tsconfig.json"],
        entry = _TSC,
        **kwargs
    )

def format_test(name, data, **kwargs):
    """Checks that the TypeScript files among `data` are laid out as Prettier does it."""
    node_test(
        name = name,
        args = ["--check", "'**/*.ts'"],
        data = data + ["//:.prettierrc.json"],
        entry = _PRETTIER,
        **kwargs
    )

def checks(sources, generated = []):
    """Of the tests of a package with a tsconfig.json: types_test and format_test.

    Args:
      sources: the TypeScript files, of which the layout is checked as well.
      generated: modules of which it is not.
    """
    tsc_test(
        name = "types_test",
        size = "medium",
        data = sources + generated + ["tsconfig.json"],
        project = native.package_name() + "/tsconfig.json",
    )
    format_test(
        name = "format_test",
        size = "small",
        data = sources,
    )
