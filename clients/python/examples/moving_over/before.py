#!/usr/bin/python3
"""A chat room as it was written for ESocketS: callbacks, and a send to each client.

The original listened itself:

    server = ESocketS.Socket(port=1234)

Here the same callbacks run on the broker, through esockets.SocketServer; the rest is as it was.
Peers connect with esockets.SocketPeer (peer.py) instead of with a plain socket.
"""

from esockets import SocketServer


class ChatRoom(SocketServer):

    def on_start(self):
        print("the room is open", flush=True)

    def on_client_connect(self, client):
        self.tell_all(f"{client.id} is here")

    def on_message_recv(self, client, message):
        self.tell_all(f"{client.id}: {message.decode()}")

    def on_client_disconnect(self, client):
        del self.clients[client.id]
        self.tell_all(f"{client.id} has left")

    def tell_all(self, line):
        print(line, flush=True)
        for client in self.clients.values():
            client.send(line)


if __name__ == "__main__":
    room = ChatRoom(queue_recv_messages=False)
    room.start()
    try:
        input()  # until Enter, or the end of the input
    except EOFError:
        pass
    room.stop()
