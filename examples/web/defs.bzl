"""Pages that a broker serves."""

_CLIENT = "//clients/typescript:sources"
_NPM = "@npm//:root"

# What stands beside src/main.ts in the folder of each page.
_FILES = ["icon.svg", "index.html", "style.css"]

def web_page(name, deps = [], npm_files = {}, beside = []):
    """A page of TypeScript over the client library, and the program that serves it.

    Makes `sources`, for the tests; `site`, the folder that a broker serves: the files of the page, and in
    main.js all modules with what they import; and the program itself, NAME.sh.

    Args:
      name: of the program.
      deps: generated modules that the page imports.
      npm_files: files of npm packages by the names that they get in the folder.
      beside: programs that NAME.sh starts.
    """
    page = native.package_name()
    native.filegroup(
        name = "sources",
        srcs = native.glob(["src/*.ts"]) + [
            "tsconfig.json",
            "//tools/npm:tsconfig.json",
        ],
    )
    native.genrule(
        name = "site",
        srcs = _FILES + deps + [":sources", _CLIENT, _NPM],
        outs = ["site/" + file for file in ["main.js"] + _FILES + npm_files.keys()],
        # Node finds modules above the file that asks for them.
        cmd = " && ".join([
            "npm=$$(head -1 $(location {}))/node_modules".format(_NPM),
            "tree=$$(mktemp -d)",
            "trap 'rm -r $$tree' EXIT",
            "tar -chf - $(SRCS) --transform='s,^bazel-out/[^/]*/bin/,,' | tar -xf - -C $$tree",
            "ln -s $$npm $$tree/node_modules",
            "$(location @npm//:rolldown) $$tree/{page}/src/main.ts --file $(RULEDIR)/site/main.js" +
            " --format esm --minify --tsconfig $$tree/{page}/tsconfig.json >/dev/null",
        ] + [
            "cp $$tree/{page}/%s $(RULEDIR)/site" % file
            for file in _FILES
        ] + [
            "cp $$npm/%s $(RULEDIR)/site/%s" % (file, file_name)
            for file_name, file in npm_files.items()
        ]).format(page = page),
        tools = ["@npm//:rolldown"],
    )
    native.sh_binary(
        name = name,
        srcs = [name + ".sh"],
        data = beside + [
            ":site",
            "//app:broker",
            "//examples:broker.textproto",
            "//examples/web:serve.sh",
        ],
    )
