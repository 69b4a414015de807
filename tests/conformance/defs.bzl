"""What the tests of clients in every language share."""

# The conformance test of a client: `scenarios` is the program of conform.py, in whatever language.
def conformance_test(name, client, scenarios, args = [], data = [], **kwargs):
    native.py_test(
        name = name,
        srcs = ["//tests/conformance:conform.py"],
        main = "//tests/conformance:conform.py",
        args = [client, "$(rootpath %s)" % scenarios] + args,
        data = data + [
            scenarios,
            "//clients:README.md",
            "//tests/conformance:features.json",
        ],
        deps = ["//tools/dev:matrix"],
        **kwargs
    )
