#!/usr/bin/python3
"""The minimal client writes and reads what the vectors say, from a scripted broker."""

import contextlib
import socket
import threading
import unittest
import unittest.mock

from tests.conformance.minimal_client import Client, Closed, RequestFailed
from tests.conformance.vectors import fields, load

SERVER = {vector["name"]: vector for vector in load("server_frames")}


@contextlib.contextmanager
def scripted_broker(*names, after=b""):
    """Sends the named server frames, then closes. Yields a client that has read the first of them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"".join(SERVER[name]["bytes"] for name in names) + after)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client = Client(*listener.getsockname())
        try:
            yield client
        finally:
            client._socket.close()
            thread.join()


class VectorsTest(unittest.TestCase):

    def test_client_frames_are_written(self):
        with scripted_broker("connected") as client:
            sent = []
            with contextlib.closing(client._socket):
                client._socket = unittest.mock.Mock(sendall=sent.append)
                for vector in load("client_frames"):
                    if not vector.get("decode_only"):
                        kind = vector["client"].WhichOneof("kind")
                        client.send(**{kind: getattr(vector["client"], kind)})
                        self.assertEqual(sent.pop().hex(" "), vector["hex"], vector["name"])

    def test_server_frames_are_read(self):
        with scripted_broker("connected", *SERVER) as client:
            for name, vector in SERVER.items():
                frame = client._read(timeout=60)
                self.assertEqual(fields(frame), fields(vector["server"]), name)

    def test_frames_may_come_in_pieces(self):
        with scripted_broker("connected") as client:
            for name, vector in SERVER.items():
                for i, byte in enumerate(vector["bytes"]):
                    self.assertIsNone(client._cut(), f"{name} {i}")
                    client._bytes += bytes([byte])
                self.assertEqual(fields(client._cut()), fields(vector["server"]), name)

    def test_a_frame_of_a_newer_broker_is_read_over(self):
        unknown = bytes.fromhex("05 a2 06 02 08 01")  # kind 100
        with scripted_broker("connected", "message", after=unknown +
                             SERVER["gap"]["bytes"]) as client:
            self.assertEqual(client.receive(), SERVER["message"]["server"].message)
            self.assertEqual(client.receive(), SERVER["gap"]["server"].gap)

    def test_gap_go_away_and_close(self):
        with scripted_broker("connected", "message", "gap", "go_away", "message",
                             "close_taken_over") as client:
            self.assertEqual(client.connected.session_id, 17)
            self.assertEqual(client.receive().payload, b"hello")
            self.assertEqual(client.receive().messages, 120)
            self.assertIsNone(client.go_away)
            self.assertEqual(client.receive().payload, b"hello")
            self.assertEqual(client.go_away.retry_after_ms, 1000)
            with self.assertRaises(Closed) as caught:
                client.receive()
            self.assertEqual(caught.exception.args[0].code, 231)

    def test_deliveries_before_an_answer_are_kept(self):
        with scripted_broker("connected", "message", "subscribed") as client:
            client.subscribe("room/#")
            self.assertEqual(client.receive().topic, "room/42/chat")

    def test_error_and_cut(self):
        with scripted_broker("connected", "error_without_request") as client:
            with self.assertRaises(RequestFailed) as caught:
                client.publish("t", b"")
            self.assertEqual(caught.exception.args[0].code, 122)
            with self.assertRaises(Closed) as caught:
                client.receive()
            self.assertIsNone(caught.exception.args[0])


if __name__ == "__main__":
    unittest.main()
