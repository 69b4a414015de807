#!/usr/bin/python3
"""The same room as the broker has it: a topic. There is no server program any more.

    after.py NAME      says what is typed, shows what is said, who comes and who goes

The broker sends each line to everybody, however many they are; a slow one holds nobody up; a lost
connection is made again; what was said meanwhile comes where a stream keeps the topic.
"""

import sys

from esockets import Client, ClientOptions, LastWill

ROOM = "room/lobby"


def show(message):
    print(message.text(), flush=True)


if __name__ == "__main__":
    name = sys.argv[1]
    with Client.connect(ClientOptions(will=LastWill(ROOM, f"{name} was cut off"))) as client:
        client.subscribe(ROOM, show)
        client.publish(ROOM, f"{name} is here")
        for line in sys.stdin:
            client.publish(ROOM, f"{name}: {line.strip()}")
        client.publish_and_wait(ROOM, f"{name} has left")
