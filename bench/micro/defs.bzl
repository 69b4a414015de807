"""Micro benchmarks: a binary to measure with, and a test that it still runs."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def cc_benchmark(name, srcs, deps, smoke):
    """A Google Benchmark program, and NAME_smoke, a test that runs its cheap cases shortly.

    A case that finds a wrong result calls state.SkipWithError, and NAME_smoke fails. None
    fails on time.

    Args:
      name: of the binary.
      srcs: its sources.
      deps: its libraries, without the benchmark's own.
      smoke: regular expression of the cases that the test runs.
    """
    cc_library(
        name = name + "_cases",
        testonly = True,
        srcs = srcs,
        visibility = ["//visibility:private"],
        deps = deps + ["@com_github_google_benchmark//:benchmark"],
        alwayslink = True,
    )
    cc_binary(
        name = name,
        testonly = True,
        malloc = "@jemalloc//:jemalloc",  # the broker's
        deps = [":" + name + "_cases", "@com_github_google_benchmark//:benchmark_main"],
    )
    cc_test(
        name = name + "_smoke",
        size = "small",
        args = ["--benchmark_min_time=0.001", "--benchmark_filter='{}'".format(smoke)],
        deps = [":" + name + "_cases", "//bench/micro:smoke_main"],
    )
