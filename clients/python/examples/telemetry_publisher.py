#!/usr/bin/python3
"""Publishes this machine's load, as JSON, every so often; says so when it dies.

    telemetry_publisher.py --interval=1     and elsewhere: esockets sub 'load/#'

Over TLS: ESOCKETS_SERVER=tls://broker.example.org:1235, and ESOCKETS_CA=authority.pem where the
system does not know the authority.

It shows: the blocking client, a last will, a time to live, what happens while the broker is away.
"""

import argparse
import json
import os
import platform
import threading

from esockets import Client, ClientEvents, ClientOptions, LastWill, PublishOptions, WhenFull


def load():
    one, five, fifteen = os.getloadavg()
    return json.dumps({"load": [one, five, fifteen], "cores": os.cpu_count()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--host", default=platform.node(), help="its name in the topic")
    parser.add_argument("--interval", type=float, default=1, help="seconds")
    parser.add_argument("--count", type=int, default=0, help="ends after so many; 0: never")
    options = parser.parse_args()
    topic = f"load/{options.host}"
    client_options = ClientOptions(
        name=options.host, will=LastWill(topic, json.dumps({"gone": True})),
        # Old figures are worth nothing: a broker that is away gets the newest few.
        when_full=WhenFull.DROP_NEWEST, outgoing_bytes_max=10_000)
    events = ClientEvents(on_state_change=lambda state, reason: print(
        state.value, reason or "", flush=True))
    stop = threading.Event()
    published = 0
    with Client(client_options, events) as client:
        while not options.count or published < options.count:
            client.publish(topic, load(), PublishOptions(ttl_ms=60_000))
            published += 1
            stop.wait(options.interval)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
