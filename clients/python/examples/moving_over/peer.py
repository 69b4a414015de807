#!/usr/bin/python3
"""Somebody in the room of before.py: says what is typed, shows what is said."""

import sys

from esockets import SocketPeer


def show(line):
    print(line.decode(), flush=True)


if __name__ == "__main__":
    peer = SocketPeer(sys.argv[1], show)
    for line in sys.stdin:
        peer.send(line.rstrip("\n"))
    peer.close()
