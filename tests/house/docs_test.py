#!/usr/bin/python3
"""Documents stay true: links resolve, names exist, commands can be typed."""

import os
import re
import shlex
import unittest

from tests.house.tree import PRODUCT, HouseTest, workspace

_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^\s*```(\w*)")

# A function or type in a document: Connection::Send, Send(), Router.
_QUALIFIED = re.compile(r"^((?:[a-z]\w*::)*)([A-Z]\w*)::(~?\w+)(\(.*\))?$")
_CALLED = re.compile(r"^([A-Za-z_]\w*)\(.*\)$")
_TYPE = re.compile(r"^[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+$")

# Where the names of LIFE_OF_A_MESSAGE.md live.
_CODE_SUFFIXES = (".cc", ".h", ".proto")

# Documents whose every name in backticks must exist, not only their paths.
NAMED = ("docs/LIFE_OF_A_MESSAGE.md",)

BAZEL_COMMANDS = ("build", "run", "test", "query", "shutdown", "clean", "coverage", "info")


def prose_and_fences(tree, path):
    """Two lists: (number, line) outside of fences, and (number, line, language) inside."""
    prose, fenced, language = [], [], None
    for number, line in tree.lines(path):
        fence = _FENCE.match(line)
        if fence:
            language = fence.group(1) if language is None else None
        elif language is None:
            prose.append((number, line))
        else:
            fenced.append((number, line, language))
    return prose, fenced


def slugs(tree, path):
    """Anchors of a document's headings, as GitHub makes them."""
    found, prose = set(), prose_and_fences(tree, path)[0]
    for _, line in prose:
        heading = re.match(r"#+\s+(.*?)\s*#*$", line)
        if heading:
            text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1))
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            n = 0
            while (slug if n == 0 else f"{slug}-{n}") in found:
                n += 1
            found.add(slug if n == 0 else f"{slug}-{n}")
    return found


def check_links(tree):
    offences = []
    for path in tree.select(suffixes=(".md",)):
        for number, line in prose_and_fences(tree, path)[0]:
            for link in _LINK.findall(_CODE.sub("", line)):
                if re.match(r"[a-z]+:", link):
                    continue
                target, _, anchor = link.partition("#")
                full = os.path.normpath(os.path.join(os.path.dirname(path), target)) \
                    if target else path
                if full not in tree and not tree.is_folder(full):
                    offences.append(f"{path}:{number}: {link}: there is no such file")
                elif anchor and full.endswith(".md") and anchor not in slugs(tree, full):
                    offences.append(f"{path}:{number}: {link}: there is no such heading")
    return offences


def is_path(tree, name):
    """Whether the words look like a path in this tree."""
    return re.fullmatch(r"[\w.+/-]+", name) and "/" in name and tree.is_folder(name.split("/")[0])


def path_exists(tree, name):
    return name in tree or tree.is_folder(name) or any(name + s in tree for s in _CODE_SUFFIXES)


def check_paths(tree):
    """Each `folder/file` of the tree's folders exists; .h and .cc may be left out."""
    return [
        f"{path}:{number}: `{name}`: there is no such file"
        for path in tree.select(suffixes=(".md",))
        for number, line in prose_and_fences(tree, path)[0]
        for name in _CODE.findall(line)
        if is_path(tree, name) and not path_exists(tree, name)
    ]


class Names:
    """Words of the product's code, and which files define which type."""

    def __init__(self, tree):
        self.words, self.files_of = set(), {}
        for path in tree.select(PRODUCT, _CODE_SUFFIXES):
            text = tree.text(path)
            words = set(re.findall(r"\w+", text))
            self.words |= words
            for kind in re.findall(
                    r"\b(?:class|struct|message|enum(?: class)?|namespace)\s+"
                    r"(?:[A-Z_]+(?:\([^)]*\))?\s+|\[\[\w+\]\]\s+)?(\w+)", text):
                self.files_of.setdefault(kind, []).append(words)

    def missing(self, name):
        """Why the name of a function or type is unknown; None if it is known, or no name."""
        qualified = _QUALIFIED.match(name)
        if qualified:
            _, kind, member, _ = qualified.groups()
            if kind not in self.files_of:
                return f"there is no type {kind}"
            if not any(member.lstrip("~") in words for words in self.files_of[kind]):
                return f"{kind} has no {member}"
            return None
        called = _CALLED.match(name) or _TYPE.match(name)
        word = called.group(1) if called and called.re is _CALLED else name
        if called and word not in self.words:
            return f"there is no {word} in the code"
        return None


def check_names(tree, documents):
    names, offences = Names(tree), []
    for path in documents:
        if path not in tree:
            offences.append(f"{path}:1: there is no such document")
            continue
        for number, line in prose_and_fences(tree, path)[0]:
            for name in _CODE.findall(line):
                why = names.missing(name)
                if why:
                    offences.append(f"{path}:{number}: `{name}`: {why}")
    return offences


def shell_commands(tree, path):
    """(number, words) of each simple command in the document's shell blocks."""
    for number, line, language in prose_and_fences(tree, path)[1]:
        if language not in ("sh", "bash", "shell", "console"):
            continue
        line = re.sub(r"^\s*\$ ", "", line)
        try:
            lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError:
            continue  # a line of a longer quotation
        command = []
        for word in words + [";"]:
            if re.fullmatch(r"[;&|()<>]+", word):
                if command:
                    yield number, command
                command = []
            elif command or not re.match(r"^\w+=", word):
                command.append(word)


def why_no_target(tree, label):
    """Why a Bazel pattern names nothing; None if it does."""
    label = label[2:] if label.startswith("//") else label
    if label in ("...", ":all", ""):
        return None
    if label.endswith("/..."):
        return None if tree.is_folder(label[:-4]) else f"there is no folder {label[:-4]}"
    package, _, name = label.partition(":")
    name = name or package.rpartition("/")[2]
    build = f"{package}/BUILD" if package else "BUILD"
    if build not in tree:
        return f"there is no {build}"
    if name != "all" and not re.search(rf'"{re.escape(name)}(\.cc)?"', tree.text(build)):
        return f"{build} has no {name}"
    return None


def why_wrong(tree, words):
    """Why a command of a document cannot be typed; None if it can, or is not ours."""
    if words[0] in ("./dev", "dev") and len(words) > 1:
        if words[1] not in ("help",) and f"tools/dev/{words[1]}.sh" not in tree:
            return f"./dev has no '{words[1]}'"
    elif words[0] == "bazel" and len(words) > 1:
        if words[1] not in BAZEL_COMMANDS:
            return f"bazel has no '{words[1]}'"
    elif words[0].startswith(("./", "tools/")):
        path = os.path.normpath(words[0])
        return None if path in tree or path.startswith("bazel-") else f"there is no {path}"
    else:
        return None
    if words[1] in ("run", "build", "test"):
        until = words.index("--") if "--" in words else len(words)
        targets = [w for p, w in zip(words[1:], words[2:until])
                   if not w.startswith("-") and p not in ("-c", "-j")]
        return next(filter(None, (why_no_target(tree, t) for t in targets)), None)
    return None


def check_commands(tree):
    return [
        f"{path}:{number}: {' '.join(words)}: {why}"
        for path in tree.select(suffixes=(".md",))
        for number, words in shell_commands(tree, path)
        for why in [why_wrong(tree, words)] if why
    ]


class DocsTest(HouseTest):

    def test_links_resolve(self):
        self.assert_clean(check_links(workspace()))

    def test_paths_exist(self):
        self.assert_clean(check_paths(workspace()))

    def test_names_exist(self):
        self.assert_clean(check_names(workspace(), NAMED))

    def test_commands_can_be_typed(self):
        self.assert_clean(check_commands(workspace()))

    def test_planted_links_are_found(self):
        tree = self.planted({
            "README.md": "[a](docs/A.md) [b](docs/B.md)\n![p](docs/p.png)\n[w](https://x.y/z)\n"
                         "`[c](docs/C.md)`\n[h](docs/A.md#how-it-works) [g](docs/A.md#gone)\n"
                         "[d](docs)\n```\n[e](docs/E.md)\n```\n[here](#no-such)\n",
            "docs/A.md": "# A\n[up](../README.md) [bad](README.md)\n## How `it` works?\n",
        })
        self.assertEqual(
            [":".join(o.split(":")[:3]) for o in check_links(tree)],
            ["README.md:1: docs/B.md", "README.md:2: docs/p.png", "README.md:5: docs/A.md#gone",
             "README.md:10: #no-such", "docs/A.md:2: README.md"])

    def test_planted_paths_are_found(self):
        tree = self.planted({
            "README.md": "`server/connection` `server/connection.cc` `server/gone.h`\n"
                         "`room/42/chat` `server/` `server/gone`\n",
            "server/connection.cc": "",
        })
        self.assertEqual([":".join(o.split(":")[:3]) for o in check_paths(tree)],
                         ["README.md:1: `server/gone.h`", "README.md:2: `server/gone`"])

    def test_planted_names_are_found(self):
        tree = self.planted({
            "docs/L.md": "`Connection::Send` `server::Connection::Send(bytes)`\n"
                         "`Connection::Receive` `Router::Offer`\n`Flush()` `Gone()`\n"
                         "`SendQueue` `RecvQueue` `epoll_wait` `room/1`\n",
            "server/connection.h": "class ABSL_LOCKABLE Connection {\n void Send();\n};\n"
                                   "class SendQueue;\nvoid Flush();\n",
            "server/other.h": "void Receive();\n",
        })
        self.assertEqual(
            [o.split(": ", 1)[1].split(":`")[0].split("`")[1]
             for o in check_names(tree, ["docs/L.md"])],
            ["Connection::Receive", "Router::Offer", "Gone()", "RecvQueue"])
        self.assertEqual(len(check_names(tree, ["docs/Gone.md"])), 1)

    def test_planted_commands_are_found(self):
        tree = self.planted({
            "dev": "",
            "tools/dev/run.sh": "",
            "tools/dev/test.sh": "",
            "broker/BUILD": 'alias(name = "broker")\n',
            "README.md": "```sh\n./dev run -- --port=4000\n./dev fly\nbazel run broker\n"
                         "X=1 bazel run -c opt //broker -- --x | head\n"
                         "bazel run //broker:gone\n$ bazel test //... && bazel test //gone/...\n"
                         "echo './dev fly'\ntools/gone.py\nbazel fly\n./dev test //broker/...\n"
                         "```\n```\n./dev sail\n```\n",
        })
        self.assertEqual([o.split(":")[1] for o in check_commands(tree)],
                         ["3", "6", "7", "9", "10"])


if __name__ == "__main__":
    unittest.main()
