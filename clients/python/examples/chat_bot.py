#!/usr/bin/python3
"""A bot in the chat of examples/chat: it greets who enters, counts what is said, and answers.

    chat_bot.py lobby        then, in the chat: /join lobby, and "!count" or "!time"

It shows: streams (what was said before is counted, too), headers, presence, requests.
"""

import argparse
import asyncio
import datetime

from esockets import (ClientOptions, Error, PublishOptions, Start, SubscribeOptions, aio)

NICK = PublishOptions(headers=[("nick", "bot")])


class Bot:

    def __init__(self, client, room):
        self._client = client
        self._topic = f"chat/{room}"
        self._heard = 0

    async def run(self):
        said = await self._client.subscribe(self._topic, options=SubscribeOptions(
            start=Start.last(1000)) if await self._has_history() else SubscribeOptions())
        await self._greet_who_enters()
        # How many lines it has heard: `esockets req bot/count ""` asks for it.
        await self._client.subscribe(
            "bot/count", lambda request: self._client.reply(request, str(self._heard)))
        print(f"in {self._topic}", flush=True)
        async for message in said:
            await self._on_line(message)

    async def _has_history(self):
        """Does the broker keep a stream of the room?"""
        try:
            async with await self._client.subscribe(
                    self._topic, options=SubscribeOptions(start=Start.last(1))):
                return True
        except Error:
            return False

    async def _greet_who_enters(self):
        try:
            await self._client.watch_presence(self._topic, self._on_news)
        except Error as error:
            print(f"nobody is greeted: {error}", flush=True)

    def _on_news(self, news):
        for member in [] if news.first else news.joined:
            if member.client_id != self._client.client_id:
                self._client.publish_nowait(self._topic, f"hello {member.name}", NICK)

    async def _on_line(self, message):
        if ("nick", "bot") in message.headers:
            return  # its own words
        self._heard += 1
        if message.text() == "!count":
            await self._client.publish(self._topic, f"{self._heard} lines", NICK)
        elif message.text() == "!time":
            now = datetime.datetime.now().strftime("%H:%M")
            await self._client.publish(self._topic, f"it is {now}", NICK)


async def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("room")
    options = parser.parse_args()
    async with await aio.Client.connect(ClientOptions(name="bot")) as client:
        await Bot(client, options.room).run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
