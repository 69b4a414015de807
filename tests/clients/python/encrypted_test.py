#!/usr/bin/python3
"""Clients of a broker that speaks TLS; and of those that it is better not to speak to."""

import asyncio
import ssl
import types

import pytest

import esockets
from esockets import ClientEvents, ClientOptions, State, TlsOptions, aio
from proto.admin_pb2 import Clients
from tests.support import listening
from tests.support.pytest_main import in_loop, run
from tests.support.python_authority import Authority
from tests.support.python_broker import CONFIG, Broker

MESSAGES = 1000
ADDRESSES = pytest.mark.parametrize("form", ["tls://{}", "wss://{}/any/path?x=1"],
                                    ids=["tls", "wss"])


def listener(files, more=""):
    return (f'listener {{ address: "127.0.0.1:0" tls {{ certificate {{ chain_file: "{files[0]}" '
            f'key_file: "{files[1]}" }} {more} }} }}\n')


def certificates(folder):
    ours, other = Authority(folder), Authority(folder, "other")
    return types.SimpleNamespace(
        ours=ours, other=other, good=ours.issue("broker"), anna=ours.issue("anna"),
        stranger=other.issue("stranger"), expired=ours.issue("expired", days=-1),
        elsewhere=ours.issue("elsewhere", "DNS:broker.example.org"),
        self_signed=(other.path, other.key))


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("pem"))


@pytest.fixture(scope="module")
def places(pem, tmp_path_factory):
    """Where one broker listens, by what is there: `plain`, or with which certificate."""
    names = ("good", "expired", "elsewhere", "self_signed")
    broker = Broker(tmp_path_factory.mktemp("broker"),
                    CONFIG + "".join(listener(getattr(pem, name)) for name in names))
    yield types.SimpleNamespace(plain=broker.address,
                                **{name: broker.next_address() for name in names})
    broker.kill()


@pytest.fixture(scope="module")
def strict(pem, tmp_path_factory):
    """Wants a certificate of the client."""
    wanted = f'client_certificates: "REQUIRED" client_ca_file: "{pem.ours.path}"'
    broker = Broker(tmp_path_factory.mktemp("strict"), CONFIG + listener(pem.good, wanted)
                    + 'users { name: "anna" certificate: true admin: true }\n')
    yield broker.next_address()
    broker.kill()


def options(address, pem, **tls):
    return ClientOptions(address=address, tls=TlsOptions(**{"ca_file": pem.ours.path, **tls}),
                         backoff_min=0.01, backoff_max=0.1)


def tls_of(client):
    """What the connection that stands has made."""
    return client.core.session._transport._link.socket.get_extra_info("ssl_object")


def cut(session):
    session._transport._link.socket.abort()


def give_up(session):
    session._fail(esockets.UnavailableError("nothing was heard"))


@ADDRESSES
@in_loop
async def test_messages_there_and_back(places, pem, form):
    async with await aio.Client.connect(options(form.format(places.good), pem)) as client:
        pulled = await client.subscribe("t/#")
        for number in range(MESSAGES):
            await client.publish("t/1", str(number))
        assert [int((await pulled.receive()).payload) for _ in range(MESSAGES)] == \
            list(range(MESSAGES))
        for size in (0, 1, 16_383, 16_384, 16_385, 900_000):  # a record holds 16,384
            await client.publish_and_wait("t/2", bytes(size))
            assert len((await pulled.receive()).payload) == size
        assert tls_of(client).version() == "TLSv1.3"


@ADDRESSES
def test_the_blocking_face_has_it_too(places, pem, form):
    with esockets.Client.connect(options(form.format(places.good), pem)) as client:
        pulled = client.subscribe("b/#")
        for number in range(MESSAGES):
            client.publish("b/1", str(number))
        assert [int(pulled.receive(60).payload) for _ in range(MESSAGES)] == list(range(MESSAGES))


@ADDRESSES
@in_loop
async def test_a_reader_that_pauses_stops_nobody_and_loses_nothing(places, pem, form):
    async with await aio.Client.connect(options(form.format(places.good), pem)) as client:
        pulled = await client.subscribe("p", options=esockets.SubscribeOptions(
            receive_queue_messages_max=10))
        for number in range(300):
            await client.publish("p", number.to_bytes(4, "big") + bytes(20_000))
        got = [(await pulled.receive()).payload[:4] for _ in range(300)]
        assert got == [number.to_bytes(4, "big") for number in range(300)]


@ADDRESSES
@pytest.mark.parametrize("place, tls, why", [
    ("good", {"ca_file": ""}, "unable to get local issuer certificate"),
    ("good", {"server_name": "broker.example.org"},
     "Hostname mismatch, certificate is not valid for 'broker.example.org'"),
    ("elsewhere", {}, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ("expired", {}, "certificate has expired"),
    ("self_signed", {}, "self-signed certificate"),
])
@in_loop
async def test_who_is_not_the_one_meant_is_not_spoken_to(places, pem, form, place, tls, why):
    address = form.format(getattr(places, place))
    with pytest.raises(esockets.UnavailableError) as failed:
        await aio.Client.connect(options(address, pem, **tls))
    assert str(failed.value) == \
        f"no connection to {address}: TLS: certificate verify failed: {why}"


@ADDRESSES
@in_loop
async def test_nothing_is_sent_before_the_broker_is_known(pem, form):
    """A server that would take the credentials; the client tries it twice."""
    spoken, states = asyncio.Queue(), asyncio.Queue()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pem.self_signed)

    async def serve(reader, writer):
        spoken.put_nowait(await reader.read(1))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        address = form.format("127.0.0.1:%d" % server.sockets[0].getsockname()[1])
        client = aio.Client(
            ClientOptions(address=address, token="s3cret", backoff_max=0,
                          tls=TlsOptions(ca_file=pem.ours.path)),
            ClientEvents(on_state_change=lambda state, reason: states.put_nowait(state)))
        assert [await states.get() for _ in range(4)] == 2 * [State.CONNECTING, State.WAITING]
        client.end()
        assert spoken.empty()
        trusting = aio.Client(ClientOptions(address=address, token="s3cret",
                                            tls=TlsOptions(ca_file=pem.other.path)))
        assert await spoken.get()
        trusting.end()


@ADDRESSES
@in_loop
async def test_a_name_of_its_own_is_what_the_certificate_must_have(places, pem, form):
    async with await aio.Client.connect(options(form.format(places.elsewhere), pem,
                                                server_name="broker.example.org")) as client:
        await client.flush()


@ADDRESSES
@in_loop
async def test_without_verification_anybody_is_believed(places, pem, form):
    for place in (places.self_signed, places.expired, places.elsewhere):
        async with await aio.Client.connect(options(form.format(place), pem, ca_file="",
                                                    verify=False)) as client:
            await client.flush()


@ADDRESSES
@in_loop
async def test_a_context_of_the_programs_own(places, pem, form):
    own = ssl.create_default_context(cafile=pem.ours.path)
    own.maximum_version = ssl.TLSVersion.TLSv1_2
    address = form.format(places.good)
    async with await aio.Client.connect(ClientOptions(
            address=address, tls=TlsOptions(context=own))) as client:
        await client.flush()
        assert tls_of(client).version() == "TLSv1.2"
    with pytest.raises(esockets.UnavailableError, match="certificate verify failed"):
        await aio.Client.connect(ClientOptions(
            address=address, tls=TlsOptions(context=ssl.create_default_context())))


@ADDRESSES
@in_loop
async def test_a_certificate_of_the_client_says_who_it_is(strict, pem, form):
    states = asyncio.Queue()
    async with await aio.Client.connect(
            options(form.format(strict), pem, chain_file=pem.anna[0], key_file=pem.anna[1]),
            ClientEvents(on_state_change=lambda *to: states.put_nowait(to[0]))) as client:
        for resumed in (False, True):
            while await states.get() is not State.CONNECTED:
                pass
            assert tls_of(client).session_reused is resumed
            answer = Clients.FromString(await client.request("$SYS/clients", b""))
            assert [one.user for one in answer.clients if one.client_id == client.client_id] == \
                ["anna"]
            cut(client.core.session)


@ADDRESSES
@pytest.mark.parametrize("shown", ["none", "stranger"])
@in_loop
async def test_who_shows_none_or_that_of_a_stranger_does_not_come_in(strict, pem, form, shown):
    files = {"none": ("", ""), "stranger": pem.stranger}[shown]
    with pytest.raises(esockets.UnavailableError, match="TLS: alert of the broker: "):
        await aio.Client.connect(options(form.format(strict), pem, chain_file=files[0],
                                         key_file=files[1]))


@in_loop
async def test_in_the_clear_where_tls_is_wanted(places):
    with pytest.raises(esockets.FailedPreconditionError, match="takes TLS alone") as refused:
        await aio.Client.connect(places.good)
    assert refused.value.code == 213
    with pytest.raises(esockets.UnavailableError, match="handshake was refused: HTTP 4"):
        await aio.Client.connect(f"ws://{places.good}")


@ADDRESSES
@in_loop
async def test_tls_where_it_is_not_spoken(places, pem, form):
    with pytest.raises(esockets.UnavailableError, match="is it a port that takes TLS?"):
        await aio.Client.connect(options(form.format(places.plain), pem))


@in_loop
async def test_a_server_that_ends_it_within_the_handshake(pem):
    heard = asyncio.Queue()

    async def serve(reader, writer):
        heard.put_nowait(await reader.read(1))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = "tls://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        with pytest.raises(esockets.UnavailableError, match="the TLS handshake|reset by peer"):
            await aio.Client.connect(options(address, pem))
        assert await heard.get() == b"\x16"


@in_loop
async def test_a_handshake_that_does_not_end_has_its_time(pem):
    async def serve(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = "tls://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        with pytest.raises(esockets.DeadlineExceededError, match="no answer"):
            await aio.Client.connect(ClientOptions(address=address, connect_timeout=0.05))


class Front:
    """A port that stays, before a broker that moves to another one when it starts again."""

    def __init__(self):
        self._target = None

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = "127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    def lead_to(self, address):
        self._target = listening.host_and_port(address)

    async def _serve(self, reader, writer):
        try:
            behind, to_broker = await asyncio.open_connection(*self._target)
        except OSError:
            return writer.transport.abort()
        await asyncio.gather(self._pass(reader, to_broker), self._pass(behind, writer))

    @staticmethod
    async def _pass(reader, writer):
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
        except OSError:
            pass
        writer.transport.abort()


@ADDRESSES
@in_loop
async def test_comes_back_to_a_broker_that_has_restarted(pem, tmp_path, form):
    states = asyncio.Queue()
    broker = Broker(tmp_path, CONFIG + listener(pem.good))
    async with Front() as front:
        front.lead_to(broker.next_address())
        async with await aio.Client.connect(
                options(form.format(front.address), pem),
                ClientEvents(on_state_change=lambda *to: states.put_nowait(to[0]))) as client:
            pulled = await client.subscribe("a")
            broker.kill()
            while await states.get() is not State.WAITING:
                pass
            await client.publish("a", "meanwhile")
            broker.start()
            front.lead_to(broker.next_address())
            assert (await pulled.receive()).payload == b"meanwhile"
            assert client.connects_total == 2
    broker.kill()


@ADDRESSES
@pytest.mark.parametrize("end", [cut, give_up])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@in_loop
async def test_a_client_resumes_its_session(places, pem, form, version, end):
    states = asyncio.Queue()
    client = aio.Client(options(form.format(places.good), pem),
                        ClientEvents(on_state_change=lambda *to: states.put_nowait(to[0])))
    client.core.session._transport.tls.context.maximum_version = version
    resumed = []
    for _ in range(3):
        while await states.get() is not State.CONNECTED:
            pass
        resumed.append(tls_of(client).session_reused)
        end(client.core.session)
    assert resumed == [False, True, True]
    client.end()


if __name__ == "__main__":
    run(__file__)
