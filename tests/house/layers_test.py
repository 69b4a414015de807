#!/usr/bin/python3
"""Who may include whom, and that no two folders include each other."""

import re
import unittest

from tests.house.tree import PRODUCT, HouseTest, workspace

# Folder to the folders whose headers it may include, besides its own. The longest
# prefix that matches a file rules; a folder stands for all below it.
MAY_INCLUDE = {
    "base": (),
    "proto": ("base",),
    "server": ("base",),
    "broker": ("base", "proto"),
    "gateways": ("base", "proto", "server", "broker"),
    "engines": ("base", "proto", "broker"),
    "app": ("base", "proto", "server", "broker", "gateways", "engines", "clients"),
    "clients": ("base", "proto"),
    "clients/cpp": ("base", "proto", "server"),
    "clients/cli": ("base", "proto", "clients/cpp"),
    "examples": ("base", "clients"),
    "examples/echo": ("base", "server"),
    "bench": PRODUCT + ("tests/support",),
    "tests": PRODUCT + ("examples", "bench"),
    "tools": (),
    "third_party": (),
}

# Rooms that do not see each other although their parents would allow it: a file may
# include its own room, and what lies in the parent folder itself.
ROOMS = ("gateways", "engines", "examples")

# What of server/ is for servers only, and so not for clients.
SERVERS_ONLY = re.compile(r"^server/(listener|socket_server|server_handler|callback_\w+)\b")

_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
_VISIBILITY = re.compile(r"\b(?:default_)?visibility\s*=\s*\[([^\]]*)\]")


def folder_of(path):
    return path.rpartition("/")[0]


def includes(tree):
    """(path, line number, included path) of each project include."""
    for path in tree.select(suffixes=(".cc", ".h")):
        for number, line in tree.lines(path):
            match = _INCLUDE.match(line)
            if match:
                yield path, number, match.group(1)


def layer_of(path):
    """The longest key of MAY_INCLUDE that the path lies below, or None."""
    keys = [k for k in MAY_INCLUDE if path.startswith(k + "/")]
    return max(keys, key=len, default=None)


def room_of(path):
    """"gateways/native" of gateways/native/x.h; None outside of rooms."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ROOMS and len(parts) > 2 else None


def why_not(path, included):
    """Why the file must not include the other; None if it may."""
    layer = layer_of(path)
    if layer is None:
        return f"{path.split('/')[0]}/ is no folder of the house"
    own = layer.split("/")[0]
    allowed = MAY_INCLUDE[layer] + (layer,)
    if not included.startswith(tuple(f + "/" for f in allowed)):
        return f"{layer}/ may include {', '.join(sorted(set(allowed)))}"
    if layer.startswith("clients") and SERVERS_ONLY.match(included):
        return "clients see of server/ the event loop, the connection and the transports"
    theirs = room_of(included)
    if theirs and own in ROOMS and theirs != room_of(path):
        return f"only {theirs}/ and the layers above include it"
    return None


def check_includes(tree):
    offences = []
    for path, number, included in includes(tree):
        where = f'{path}:{number}: #include "{included}"'
        generated = re.sub(r"\.pb\.h$", ".proto", included)
        if ".." in included.split("/") or "/" not in included:
            # gtest/gtest.h and its like contain a slash; ours start at the root.
            offences.append(f"{where}: write the path from the root")
        elif layer_of(included) is None:
            if tree.is_folder(included.split("/")[0]):
                offences.append(f"{where}: {included.split('/')[0]}/ is no folder of the house")
        elif included not in tree and generated not in tree:
            offences.append(f"{where}: there is no such file")
        else:
            reason = why_not(path, included)
            if reason:
                offences.append(f"{where}: {reason}")
    return offences


def check_cycles(tree):
    """Folders of the product that include each other, directly or around."""
    edges = {}  # folder -> {folder it includes: where}
    for path, number, included in includes(tree):
        a, b = folder_of(path), folder_of(included)
        if path.startswith(PRODUCT) and included.startswith(PRODUCT) and a != b:
            edges.setdefault(a, {}).setdefault(b, f'{path}:{number}: #include "{included}"')

    def reaches(a, b, seen):
        return a == b or any(
            reaches(n, b, seen | {n}) for n in edges.get(a, {}) if n not in seen)

    return [
        f"{where}: closes a cycle, {b}/ includes {a}/ as well"
        for a, targets in edges.items()
        for b, where in targets.items()
        if reaches(b, a, {b})
    ]


def check_visibility(tree):
    """BUILD files of the product keep the walls: the folder's group, or narrower."""
    offences = []
    for path in tree.select(PRODUCT, ("/BUILD",)):
        top, text = path.split("/")[0], tree.text(path)
        if top == "base":
            continue
        if "default_visibility" not in text:
            offences.append(f'{path}:1: say package(default_visibility = ["//:{top}_users"])')
        for match in _VISIBILITY.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            for label in re.findall(r'"([^"]+)"', match.group(1)):
                group = re.fullmatch(r"//:(\w+)_users", label)
                if label == "//visibility:public" or (group and group.group(1) != top):
                    offences.append(f"{path}:{number}: {label} is wider than //:{top}_users")
    return offences


class LayersTest(HouseTest):

    def test_no_include_crosses_a_wall(self):
        self.assert_clean(check_includes(workspace()))

    def test_no_folders_include_each_other(self):
        self.assert_clean(check_cycles(workspace()))

    def test_bazel_visibility_keeps_the_walls(self):
        self.assert_clean(check_visibility(workspace()))

    def test_planted_includes_are_found(self):
        tree = self.planted({
            "base/a.h": '#include "server/s.h"\n',
            "server/s.h": '#include "base/a.h"\n',
            "server/listener.h": "",
            "server/t.h": '#include <string>\n#include "broker/b.h"\n',
            "broker/b.h": '#include "base/a.h"\n#include "proto/p.pb.h"\n#include "gtest/gtest.h"\n',
            "broker/c.cc": '#include "b.h"\n#include "broker/gone.h"\n',
            "proto/p.proto": "",
            "gateways/bridge.h": '#include "server/s.h"\n',
            "gateways/http/h.h": '#include "gateways/bridge.h"\n#include "gateways/native/n.h"\n',
            "gateways/native/n.h": "",
            "clients/cpp/c.h": '#include "server/s.h"\n#include "server/listener.h"\n',
            "clients/cli/m.cc": '#include "clients/cpp/c.h"\n#include "server/s.h"\n',
            "examples/echo/e.cc": '#include "server/s.h"\n',
            "examples/chat/e.cc": '#include "server/s.h"\n#include "examples/echo/x.h"\n',
            "examples/echo/x.h": "",
            "tests/base/a_test.cc": '#include "base/a.h"\n#include "server/s.h"\n',
        })
        self.assertEqual(
            [o.split(":")[0] + ":" + o.split(":")[1] for o in check_includes(tree)],
            ["base/a.h:1", "broker/c.cc:1", "broker/c.cc:2", "clients/cli/m.cc:2",
             "clients/cpp/c.h:2", "examples/chat/e.cc:1", "examples/chat/e.cc:2",
             "gateways/http/h.h:2", "server/t.h:2"])

    def test_planted_cycles_are_found(self):
        tree = self.planted({
            "server/a.h": '#include "server/websocket/b.h"\n',
            "server/websocket/b.h": '#include "server/deep/c.h"\n',
            "server/deep/c.h": '#include "server/d.h"\n',
            "server/d.h": '#include "base/e.h"\n',
            "base/e.h": "",
        })
        self.assertEqual([o.split(":")[0] for o in check_cycles(tree)],
                         ["server/a.h", "server/deep/c.h", "server/websocket/b.h"])

    def test_planted_visibility_is_found(self):
        tree = self.planted({
            "base/BUILD": 'package(default_visibility = ["//visibility:public"])\n',
            "broker/BUILD": 'package(default_visibility = ["//:broker_users"])\n'
                            'cc_library(visibility = [\n "//visibility:public"])\n',
            "server/BUILD": 'package(default_visibility = ["//:base_users"])\n',
            "app/BUILD": "\n",
            "gateways/BUILD": 'package(default_visibility = ["//visibility:private"])\n',
        })
        self.assertEqual([":".join(o.split(":")[:2]) for o in check_visibility(tree)],
                         ["app/BUILD:1", "broker/BUILD:2", "server/BUILD:1"])


if __name__ == "__main__":
    unittest.main()
