"""The brokers under test: each a process of its own, on a free port of loopback, on CPU 0."""

import os
import re
import socket
import subprocess
import time

SERVER_CPU = "0"
START_SECONDS = 10


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def accepts(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def priority(undisturbed):
    """The beginning of a command that neighbours on the machine shall not keep waiting."""
    return ["chrt", "--rr", "1"] if undisturbed and os.geteuid() == 0 else []


class Server:
    """Started on entry, killed on exit by its own process id. Its files lie in `folder`."""

    protocol = "native"
    transport = "tcp"
    load_flags = ()  # of the load generator, whatever its work
    slow_client_bytes_max = None

    def __init__(self, folder, binaries, undisturbed=False):
        self.folder = folder
        self.binaries = binaries
        self.undisturbed = undisturbed
        self.port = free_port()
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        log = open(self.path(f"{type(self).__name__}.log"), "ab")
        with log:
            self.process = subprocess.Popen(
                [*priority(self.undisturbed), "taskset", "-c", SERVER_CPU, *self.command()],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while not accepts(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError(f"{type(self).__name__} did not start: see {log.name}")
            time.sleep(0.05)
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()


class Limit(Server):
    name = "limit"

    @staticmethod
    def version():
        return "one send of shared bytes per socket and batch"

    def command(self):
        return [self.binaries["limit"], f"--listen={self.address}"]


class ESocketS(Server):
    name = "esockets"
    loops = 1
    # What one client that has stopped may cost: its backlog; what its connection has unsent, which
    # the allocator rounds up by a quarter at most, and the chunk in which that begins; and what the
    # kernel holds. Two per cent are for the allocator's own records, 128 bytes for each block.
    slow_client_bytes_max = (
        (8 << 20) + (256 << 10) * 5 // 4 + (64 << 10) + (128 << 10)) * 102 // 100

    @staticmethod
    def version():
        return "this source"

    def command(self):
        return [self.binaries["broker"], f"--listen={self.address}", "--log_level=warning",
                f"--loops={self.loops}"]


class ESocketSWebSocket(ESocketS):
    """Whose subscribers come over WebSocket."""
    name = "esockets, websocket"
    transport = "websocket"


class ESocketSDeflatedWebSocket(ESocketS):
    """The same with permessage-deflate."""
    name = "esockets, websocket_deflate"
    transport = "websocket_deflate"


class ESocketSTls(ESocketS):
    """Whose subscribers come over TLS, to an address of their own. Its certificate is made once for
    all runs in a folder."""
    name = "esockets, tls1.3"
    transport = "tls1.3"
    more_flags = ()

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.tls_address = f"127.0.0.1:{free_port()}"

    @property
    def load_flags(self):
        return (f"--tls_address={self.tls_address}", *self.more_flags)

    def make_certificate(self):
        if os.path.exists(self.path("chain.pem")):
            return
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-noenc", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", self.path("key.pem"), "-out",
             self.path("chain.pem")], check=True, capture_output=True)

    def command(self):
        self.make_certificate()
        config = self.write("tls.textproto", f"""
listener {{
  address: "{self.tls_address}"
  tls {{ certificate {{ chain_file: "chain.pem" key_file: "key.pem" }} }}
}}
""")
        return [*super().command(), f"--config={config}"]


class ESocketSTls12(ESocketSTls):
    name = "esockets, tls1.2"
    transport = "tls1.2"


class ESocketSTlsResumed(ESocketSTls):
    """Whose clients resume a session when they connect again."""
    name = "esockets, tls1.3, resumed"
    more_flags = ("--resume",)


class ESocketSTls12Resumed(ESocketSTls12):
    name = "esockets, tls1.2, resumed"
    more_flags = ("--resume",)


class ESocketSTlsStorm(ESocketSTls):
    """To which new clients come, with full handshakes, as fast as the load can connect them."""
    name = "esockets, tls1.3, storm"
    more_flags = ("--storm=64",)


class ESocketSStream(ESocketS):
    """With a stream that keeps the topic of fan-out: as many messages as one has by default."""
    name = "esockets, stream"
    messages_max = 100_000

    def command(self):
        config = self.write("stream.textproto", f"""
stream {{ name: "load" filter: "load/#" max_messages: {self.messages_max} max_bytes: {1 << 30} }}
""")
        return [*super().command(), f"--config={config}"]


class ESocketSLargeStream(ESocketSStream):
    messages_max = 1_100_000


class ESocketS2(ESocketS):
    name = "esockets, 2 loops"
    loops = 2


class ESocketS4(ESocketS):
    name = "esockets, 4 loops"
    loops = 4


class Nats(Server):
    name = "nats"
    protocol = "nats"
    slow_limits = "max_pending: 256MB"

    @staticmethod
    def version():
        return first_version(["nats-server", "--version"])

    # No pings in the middle of a measurement; the write limit as generous as the others have it.
    def command(self):
        config = self.write("nats.conf", f"""
listen: 127.0.0.1:{self.port}
max_connections: 100000
{self.slow_limits}
ping_interval: "60m"
""")
        return ["nats-server", "--config", config]


class Redis(Server):
    name = "redis"
    protocol = "redis"
    slow_limits = "client-output-buffer-limit pubsub 0 0 0"

    @staticmethod
    def version():
        return first_version(["redis-server", "--version"])

    def command(self):
        config = self.write("redis.conf", f"""
port {self.port}
bind 127.0.0.1
dir {self.folder}
save ""
appendonly no
maxclients 15000
tcp-backlog 4096
{self.slow_limits}
""")
        return ["redis-server", config]


class Mosquitto(Server):
    name = "mosquitto"
    protocol = "mqtt"
    slow_limits = "max_queued_messages 0\nmax_queued_bytes 0"

    @staticmethod
    def version():
        return first_version(["mosquitto", "-h"])

    def command(self):
        config = self.write("mosquitto.conf", f"""
listener {self.port} 127.0.0.1
allow_anonymous true
persistence false
{self.slow_limits}
set_tcp_nodelay true
log_type error
user root
""")
        return [mosquitto_program(), "-c", config]


class NatsAsShipped(Nats):
    """What it grants a slow client is its own default, 64 MB, as with the others below."""
    slow_limits = ""


class RedisAsShipped(Redis):
    slow_limits = ""


class MosquittoAsShipped(Mosquitto):
    slow_limits = ""


def mosquitto_program():
    return "/usr/sbin/mosquitto"


def first_version(command):
    command = [mosquitto_program() if command[0] == "mosquitto" else command[0], *command[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    match = re.search(r"\d+\.\d+[.\d]*", done.stdout + done.stderr)
    return match.group(0) if match else "unknown"


PEERS = (Nats, Redis, Mosquitto)
PEERS_AS_SHIPPED = (NatsAsShipped, RedisAsShipped, MosquittoAsShipped)
ALL = (Limit, ESocketS, ESocketS2, ESocketS4, *PEERS)
