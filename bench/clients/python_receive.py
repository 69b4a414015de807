#!/usr/bin/python3
"""How many messages a second the Python client receives, and where its time goes.

    bazel run -c opt //bench/clients:python_receive -- --seconds=5 --profile

Starts a broker and a publisher of its own, which publishes as fast as it can. What the receiver
does not keep up with the broker drops, and tells: that is counted as well. The processor's time for
each message does not depend on what else the machine does.
"""

import argparse
import asyncio
import cProfile
import pstats
import re
import subprocess
import sys
import time

from esockets import ClientEvents, ClientOptions, SubscribeOptions, aio

TOPIC = "bench/receive"


class Broker:
    """On a port of its own."""

    def __init__(self, program):
        self._process = subprocess.Popen([program, "--port=0", "--log_level=error"],
                                         stdout=subprocess.PIPE, text=True)
        for line in self._process.stdout:
            if found := re.search(r"listening on (\S+)", line):
                self.address = found[1]
                return
        raise SystemExit(f"{program} ended without listening")

    def stop(self):
        self._process.terminate()
        self._process.communicate()


async def publish(address, payload_bytes):
    """Until it is killed."""
    # In small pieces: a burst would only be dropped.
    client = await aio.Client.connect(ClientOptions(address=address,
                                                    outgoing_bytes_max=64 << 10))
    payload = bytes(payload_bytes)
    while True:
        await client.publish(TOPIC, payload)


class Counter:
    """What has come."""

    def __init__(self):
        self.messages = self.lost = 0

    def on_message(self, _message):
        self.messages += 1

    def on_gap(self, gap):
        self.lost += gap.messages


async def count_pulled(subscription, counter):
    async for message in subscription:
        counter.on_message(message)


async def receive(address, options):
    counter = Counter()
    client = await aio.Client.connect(address, ClientEvents(on_gap=counter.on_gap))
    if options.how == "callback":
        await client.subscribe(TOPIC, counter.on_message)
    else:
        subscription = await client.subscribe(TOPIC, options=SubscribeOptions(
            receive_queue_messages_max=10_000))
        task = asyncio.ensure_future(count_pulled(subscription, counter))
    publisher = subprocess.Popen([sys.executable, __file__, f"--publish={address}",
                                  f"--bytes={options.bytes}"])
    try:
        while not counter.messages:
            await asyncio.sleep(0.01)
        return await measure(counter, options)
    finally:
        publisher.kill()
        publisher.wait()
        client.end()
        if options.how != "callback":
            task.cancel()


async def measure(counter, options):
    before, lost = counter.messages, counter.lost
    begin, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(options.seconds)
    messages = counter.messages - before
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(f"{messages / seconds:.0f} messages/s of {options.bytes} B by {options.how}; "
          f"{cpu / messages * 1e6:.2f} us of processor each; the receiver was busy "
          f"{cpu / seconds:.0%}; the broker dropped {counter.lost - lost}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--broker", default="app/broker", help="the program")
    parser.add_argument("--bytes", type=int, default=128, help="of a payload")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--how", choices=("callback", "iterator"), default="callback")
    parser.add_argument("--profile", action="store_true", help="shows where the time goes")
    parser.add_argument("--publish", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.publish:
        return asyncio.run(publish(options.publish, options.bytes))
    broker = Broker(options.broker)
    profile = cProfile.Profile()
    try:
        if options.profile:
            profile.enable()
        asyncio.run(receive(broker.address, options))
    finally:
        profile.disable()
        broker.stop()
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)


if __name__ == "__main__":
    main()
