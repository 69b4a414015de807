"""Sources from a proto_library for languages Bazel 4.2 has no rule for."""

load("@rules_proto//proto:defs.bzl", "ProtoInfo")

def _import_name(ctx, info, source):
    """What an import statement calls the file."""
    path = source.path
    for prefix in [ctx.genfiles_dir.path + "/", info.proto_source_root + "/"]:
        if path.startswith(prefix):
            path = path[len(prefix):]
    return path

def _proto_sources_impl(ctx):
    info = ctx.attr.proto[ProtoInfo]
    outputs = [
        ctx.actions.declare_file(source.basename[:-len(".proto")] + suffix, sibling = source)
        for source in info.direct_sources
        for suffix in ctx.attr.outputs.values()
    ]
    args = ctx.actions.args()
    args.add_joined(
        info.transitive_descriptor_sets,
        format_joined = "--descriptor_set_in=%s",
        join_with = ":",
    )
    for language in ctx.attr.outputs.keys():
        args.add("--{}_out={}".format(language, ctx.bin_dir.path))
    for language, option in ctx.attr.options.items():
        args.add("--{}_opt={}".format(language, option))
    tools = []
    if ctx.executable.plugin:
        tools.append(ctx.executable.plugin)
        args.add(ctx.executable.plugin, format = "--plugin=protoc-gen-{}=%s".format(ctx.attr.outputs.keys()[0]))
    args.add_all([_import_name(ctx, info, s) for s in info.direct_sources])
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._protoc,
        inputs = info.transitive_descriptor_sets,
        mnemonic = "ProtoSources",
        outputs = outputs,
        progress_message = "Generating {}".format(ctx.label),
        tools = tools,
    )
    return [DefaultInfo(files = depset(outputs), runfiles = ctx.runfiles(files = outputs))]

_proto_sources = rule(
    implementation = _proto_sources_impl,
    attrs = {
        "options": attr.string_dict(),
        "outputs": attr.string_dict(mandatory = True),
        "plugin": attr.label(cfg = "exec", executable = True),
        "proto": attr.label(mandatory = True, providers = [ProtoInfo]),
        "_protoc": attr.label(
            allow_single_file = True,
            cfg = "exec",
            default = "@com_google_protobuf//:protoc",
            executable = True,
        ),
    },
)

def py_proto_library(name, proto, **kwargs):
    """Python modules x_pb2 with type stubs. The runtime is Debian's python3-protobuf.

    Args:
      name: of the py_library.
      proto: a proto_library.
      **kwargs: as of py_library.
    """
    _proto_sources(
        name = name + "_sources",
        outputs = {
            "python": "_pb2.py",
            "pyi": "_pb2.pyi",
        },
        proto = proto,
    )
    native.py_library(
        name = name,
        srcs = [name + "_sources"],
        **kwargs
    )

def ts_proto_library(name, proto, **kwargs):
    """TypeScript modules x_pb.ts by protoc-gen-es. The runtime is @bufbuild/protobuf.

    Args:
      name: of the generated files.
      proto: a proto_library.
      **kwargs: as of every rule.
    """
    _proto_sources(
        name = name,
        options = {"es": "target=ts"},
        outputs = {"es": "_pb.ts"},
        plugin = "@npm//:protoc-gen-es",
        proto = proto,
        **kwargs
    )
