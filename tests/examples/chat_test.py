#!/usr/bin/python3
"""Two people chat, change rooms and names, and one loses the broker."""

import signal
import tempfile
import unittest

from tests.examples.programs import Broker, OnTerminal, Program, RememberingBroker


def chatter(broker, nick, room="lobby"):
    program = Program("examples/chat/chat", f"--broker={broker.address}", "--nick", nick,
                      "--room", room)
    program.expect(rf"\* {nick} has joined {room}")
    return program


def chatter_of_history(broker, nick):
    return Program("examples/chat/chat", f"--broker={broker.address}", "--nick", nick)


class ChatTest(unittest.TestCase):

    def test_two_talk_and_move(self):
        with Broker() as broker, chatter(broker, "ann") as ann, chatter(broker, "bob") as bob:
            ann.expect(r"\* bob has joined lobby")
            ann.type("hello bob")
            bob.expect("^ann: hello bob$")
            bob.type("hello \x1b[31mann")  # no colours in other people's terminals
            ann.expect(r"^bob: hello \?\[31mann$")

            bob.type("/join tea")
            ann.expect(r"\* bob has left")
            bob.expect(r"\* bob has joined tea")
            ann.type("still here")
            ann.expect("^ann: still here$")
            ann.type("/rooms")
            rooms = {ann.expect(r"\* (\w+ is in \w+)").group(1) for _ in range(2)}
            self.assertEqual(rooms, {"ann is in lobby", "bob is in tea"})

            ann.type("/join tea")
            bob.expect(r"\* ann has joined tea")  # and not "still here" before
            ann.type("/nick anna")
            bob.expect(r"\* ann is now anna")
            ann.type("tea?")
            bob.expect("^anna: tea")

            ann.type("/quit")
            bob.expect(r"\* anna has left")
            self.assertEqual(ann.end()[1], 0)
            bob.terminate()
            self.assertEqual(bob.end()[1], 0)

    def test_a_room_hears_nothing_of_another(self):
        with Broker() as broker, chatter(broker, "ann", "a") as ann, \
                chatter(broker, "bob", "b") as bob:
            bob.type("nobody hears")
            bob.expect("nobody hears")
            ann.type("/join b")
            bob.expect("ann has joined")
            bob.type("now")
            ann.expect("^bob: now$")
            bob.type("/quit")
            bob.end()
            self.assertNotIn("nobody", ann.end()[0])

    def test_mistakes_are_explained(self):
        with Broker() as broker, chatter(broker, "ann") as ann:
            for typed, answer in (("/join", "a room is a word"), ("/join a/b", "a room is a word"),
                                  ("/join lobby", "where you are"), ("/nick", "a nick is one word"),
                                  ("/dance", "/join ROOM")):
                ann.type(typed)
                ann.expect(answer)

    def test_a_line_can_be_edited_while_others_talk(self):
        with Broker() as broker, chatter(broker, "bob") as bob, \
                OnTerminal("examples/chat/chat", f"--broker={broker.address}", "--nick=ann") as ann:
            bob.expect("ann has joined")
            ann.expect(rb"has joined lobby")
            ann.type("nonsense\x15cäö".encode())  # Ctrl-U deletes the line
            ann.expect("lobby> cäö".encode())
            bob.type("wait")
            ann.expect("bob.*: wait\r\n.*lobby> cäö".encode())  # the prompt is below, as it was
            ann.type("\x7f\x7fafé\x1b[A\n".encode())  # backspace takes whole characters
            bob.expect("^ann: café$")
            ann.type(b"\x04")  # Ctrl-D
            bob.expect("ann has left")
            self.assertEqual(ann.end()[1], 0)

    def test_a_broker_that_comes_back(self):
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a short path, as sockets need
            listen = f"unix:{folder}/socket"
            with Broker(listen) as broker, chatter(broker, "ann") as ann, \
                    chatter(broker, "bob") as bob:
                broker.terminate()
                broker.end()
                for program in (ann, bob):
                    program.expect("connection lost, trying again")
                with Broker(listen):
                    for program in (ann, bob):
                        program.expect("connected again")
                        program.type("am I back?")
                        program.expect("am I back")  # and subscribed again
                    ann.type("so are we all")
                    bob.expect("^ann: so are we all")

    def test_who_enters_sees_what_was_said(self):
        with RememberingBroker() as broker, chatter(broker, "ann") as ann:
            for i in range(30):
                ann.type(f"line {i}")
            ann.expect(r"^\d\d:\d\d ann: line 29$")
            with chatter_of_history(broker, "bob") as bob:
                for i in range(11, 30):  # the last 20 of the room; the newest is that bob joined
                    bob.expect(rf"^\d\d:\d\d ann: line {i}$")
                ann.type("hello bob")
                bob.expect("ann: hello bob$")

    def test_who_stops_misses_nothing(self):
        with RememberingBroker() as broker, chatter(broker, "ann") as ann, \
                chatter(broker, "bob") as bob:
            ann.signal(signal.SIGSTOP)
            lines = 1000
            text = "x" * 10_000  # in all more than the broker keeps for a client, and the kernel
            for i in range(lines):
                bob.type(f"{i} {text}")
                bob.expect(rf"bob: {i} ")
            ann.signal(signal.SIGCONT)
            for i in range(lines):
                self.assertEqual(ann.expect(r"bob: (\d+) x+$").group(1), str(i))

    def test_a_broker_that_was_started_again_says_what_is_gone(self):
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            listen = f"unix:{folder}/socket"
            with RememberingBroker(listen) as broker, chatter(broker, "ann") as ann:
                ann.type("remember this")
                ann.expect("ann: remember this")
                broker.terminate()
                broker.end()
                ann.expect("connection lost, trying again")
                with RememberingBroker(listen):
                    ann.expect("not all there any more")
                    ann.expect("connected again")
                    ann.type("and this")
                    ann.expect("ann: and this")

    def test_who_is_here(self):
        with RememberingBroker() as broker, chatter(broker, "ann") as ann:
            ann.expect(r"\* 1 here: ann$")
            with chatter(broker, "bob") as bob:
                ann.expect(r"\* bob has joined$")
                # Both may have come in one window.
                bob.expect(r"\* (2 here: bob ann|ann has joined)$")
                bob.type("/who")
                bob.expect(r"\* 2 here: bob ann$")
                ann.type("/who")
                ann.expect(r"\* 2 here: ann bob$")
                bob.type("/join tea")
                ann.expect(r"\* bob has left$")
                bob.expect(r"\* 1 here: bob$")
                bob.type("/join lobby")
                ann.expect(r"\* bob has joined$")
                bob.type("/quit")
                ann.expect(r"\* bob has left$")

    def test_who_is_here_is_not_always_told(self):
        with Broker() as broker, chatter(broker, "ann") as ann:
            ann.type("/who")
            ann.expect(r"\* this broker does not tell who is here$")

    def test_no_broker(self):
        with Program("examples/chat/chat", "--broker=unix:/nowhere", "--nick=ann") as ann:
            ann.expect("^chat: unix:/nowhere: ")
            self.assertEqual(ann.end()[1], 1)


if __name__ == "__main__":
    unittest.main()
