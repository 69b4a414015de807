#!/usr/bin/python3
"""Debian's python3-websockets, an implementation that is not ours, talks to the echo example."""

import asyncio
import unittest

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from tests.conformance.websocket.echo_program import EchoProgram

LIMIT = 16 << 20
TEXT = "Grüße, κόσμε, \U0001f600 " * 100


class PythonWebsocketsTest(unittest.IsolatedAsyncioTestCase):

    @classmethod
    def setUpClass(cls):
        cls.program = EchoProgram()

    @classmethod
    def tearDownClass(cls):
        code = cls.program.stop()
        assert code == 0, f"the program ended with {code}"

    def connect(self, **options):
        return websockets.connect(self.program.url, max_size=2 * LIMIT, **options)

    async def echo(self, client, *messages):
        for message in messages:
            await client.send(message)
        for message in messages:
            self.assertEqual(await client.recv(), message)

    async def test_messages(self):
        for compression in None, "deflate":
            async with self.connect(compression=compression) as client:
                await self.echo(client, "", b"", "a", b"\0", TEXT, TEXT.encode(), b"\xff" * 65536)
                self.assertEqual(bool(client.extensions), compression is not None)
            self.assertEqual(client.close_code, 1000)

    async def test_fragments(self):
        for compression in None, "deflate":
            async with self.connect(compression=compression) as client:
                await client.send([TEXT, "", TEXT])
                self.assertEqual(await client.recv(), TEXT + TEXT)

    async def test_parameters(self):
        for parameters in (
                {"server_no_context_takeover": True}, {"client_no_context_takeover": True},
                {"server_max_window_bits": 9}, {"server_max_window_bits": 15},
                {"client_max_window_bits": True}, {"client_max_window_bits": 9},
                {"server_no_context_takeover": True, "client_no_context_takeover": True,
                 "server_max_window_bits": 10, "client_max_window_bits": 10}):
            extension = ClientPerMessageDeflateFactory(**parameters)
            with self.subTest(parameters):
                async with self.connect(compression=None, extensions=[extension]) as client:
                    self.assertEqual([e.name for e in client.extensions], ["permessage-deflate"])
                    await self.echo(client, *[TEXT] * 5, b"\xff" * 65536, TEXT)

    async def test_pings(self):
        async with self.connect() as client:
            answers = [await client.ping(b"%d" % i) for i in range(10)]
            await asyncio.gather(*answers)
            await client.pong(b"unsolicited")
            await self.echo(client, "after")

    async def test_the_longest_message_and_a_longer_one(self):
        async with self.connect(compression=None) as client:
            await self.echo(client, b"\x55" * LIMIT)
        for compression in None, "deflate":
            async with self.connect(compression=compression) as client:
                with self.assertRaises(websockets.ConnectionClosedError):
                    await client.send(bytes(LIMIT + 1))
                    await client.recv()
            self.assertEqual(client.close_code, 1009)

    async def test_closing(self):
        for code, reason in (1000, ""), (1001, "away"), (1011, ""), (3000, "ä" * 61), (4999, "own"):
            client = await self.connect()
            await client.close(code, reason)
            self.assertEqual(client.close_code, code)

    async def test_many_at_once(self):
        async def talk(number):
            async with self.connect() as client:
                await self.echo(client, *[f"{number} {i} " * 20 for i in range(20)])

        await asyncio.gather(*map(talk, range(50)))


if __name__ == "__main__":
    unittest.main()
