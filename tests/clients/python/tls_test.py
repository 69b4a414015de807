#!/usr/bin/python3
"""TLS as the options want it, without a connection."""

import ssl

import pytest

from esockets import ClientOptions, InvalidArgumentError, TlsOptions, aio
from esockets.address import Address
from esockets.tls import Tls, words
from tests.support.pytest_main import in_loop, run
from tests.support.python_authority import Authority, encrypt_key

NATIVE = Address.parse("tls://localhost:1235")
WEBSOCKET = Address.parse("wss://localhost:1235")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def authority(folder):
    return Authority(folder)


@pytest.fixture(scope="module")
def files(authority):
    return authority.issue("anna")


class Broker:
    """Of a handshake in memory."""

    def __init__(self, files, protocols=("esockets.v1", "http/1.1"), version=None):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*files)
        self._context.set_alpn_protocols(protocols)
        self._context.maximum_version = version or ssl.TLSVersion.MAXIMUM_SUPPORTED

    def meet(self, tls):
        """The client's side, when its handshake is done and a ticket has come. Errors: SSLError."""
        to_client, to_broker = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = self._context.wrap_bio(to_broker, to_client, server_side=True)
        theirs = tls.context.wrap_bio(to_client, to_broker, server_hostname=tls.server_name)
        for step in (theirs.do_handshake, ours.do_handshake, theirs.do_handshake,
                     ours.do_handshake, lambda: theirs.read(1)):
            try:
                step()
            except ssl.SSLWantReadError:
                pass
        return theirs


class Connection:
    """As asyncio's transports."""

    def __init__(self, made):
        self._made = made

    def get_extra_info(self, name):
        return {"ssl_object": self._made}[name]


@pytest.mark.parametrize("address, protocol", [(NATIVE, "esockets.v1"), (WEBSOCKET, "http/1.1")])
def test_verifies_and_says_what_it_speaks(authority, files, address, protocol):
    made = Broker(files).meet(Tls(TlsOptions(ca_file=authority.path), address))
    assert made.selected_alpn_protocol() == protocol
    assert made.getpeercert()["subject"] == ((("commonName", "anna"),),)


@pytest.mark.parametrize("options, says", [
    ({}, "TLS: certificate verify failed: unable to get local issuer certificate"),
    ({"ca_file": True, "server_name": "elsewhere"}, "TLS: certificate verify failed: Hostname "
     "mismatch, certificate is not valid for 'elsewhere'"),
    ({"ca_file": True, "server_name": "10.0.0.1"}, "TLS: certificate verify failed: IP address "
     "mismatch, certificate is not valid for '10.0.0.1'"),
])
def test_whom_it_does_not_believe(authority, files, options, says):
    options = {**options, **({"ca_file": authority.path} if "ca_file" in options else {})}
    with pytest.raises(ssl.SSLError) as refused:
        Broker(files).meet(Tls(TlsOptions(**options), NATIVE))
    assert words(refused.value) == says


def test_the_authorities_of_the_system_are_trusted(authority, files, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", authority.path)
    Broker(files).meet(Tls(TlsOptions(), NATIVE))


def test_without_verification_anybody_is_believed(files):
    Broker(files).meet(Tls(TlsOptions(verify=False, server_name="elsewhere"), NATIVE))


def test_older_versions_are_not_spoken(authority, files):
    tls = Tls(TlsOptions(ca_file=authority.path), NATIVE)
    assert tls.context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert Broker(files, version=ssl.TLSVersion.TLSv1_2).meet(tls).version() == "TLSv1.2"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_once(authority, files, version):
    broker, tls = Broker(files, version=version), Tls(TlsOptions(ca_file=authority.path), NATIVE)
    first = broker.meet(tls)
    tls.keep_session(Connection(first))
    assert [broker.meet(tls).session_reused for _ in range(2)] == [True, False]


def test_a_context_of_the_programs_own_rules_alone(files):
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
    tls = Tls(TlsOptions(context=own, server_name="elsewhere"), NATIVE)
    assert tls.context is own and tls.server_name == "elsewhere"
    made = Broker(files).meet(tls)
    assert made.selected_alpn_protocol() is None
    tls.keep_session(Connection(made))
    assert not Broker(files).meet(tls).session_reused


@pytest.mark.parametrize("options", [
    {"ca_file": "x"}, {"chain_file": "x", "key_file": "y"}, {"verify": False}])
def test_beside_a_context_the_others_say_nothing(options):
    with pytest.raises(InvalidArgumentError, match="rules alone"):
        Tls(TlsOptions(context=ssl.create_default_context(), **options), NATIVE)


@pytest.mark.parametrize("options, says", [
    ({"ca_file": "{folder}/none.pem"}, "ca_file: {folder}/none.pem: No such file"),
    ({"ca_file": "{folder}"}, "ca_file: {folder}: Is a directory"),
    ({"ca_file": "{key}"}, "ca_file: {key}: there is no certificate in PEM"),
    ({"ca_file": "{damaged}"}, "ca_file: {damaged}: TLS: "),
    ({"ca_file": b"\0"}, "ca_file: .*null byte"),
    ({"ca_file": ["x"]}, "ca_file: .*not list"),
    ({"chain_file": "{chain}"}, "belong together"),
    ({"key_file": "{key}"}, "belong together"),
    ({"chain_file": "{folder}/none.pem", "key_file": "{key}"}, "chain_file: {folder}/none.pem: No"),
    ({"chain_file": "{key}", "key_file": "{key}"}, "chain_file: {key}: there is no certificate"),
    ({"chain_file": "{chain}", "key_file": "{folder}/none"}, "key_file: {folder}/none: No such"),
    ({"chain_file": "{chain}", "key_file": "{chain}"}, "key_file: {chain}: there is no private"),
    ({"chain_file": "{chain}", "key_file": "{encrypted}"}, "key_file: {encrypted}: it is encrypt"),
    ({"chain_file": "{chain}", "key_file": "{other}"}, "{chain}, {other}: TLS: key values mism"),
    ({"server_name": ".a"}, "server_name: "),
    ({"server_name": "a\0b"}, "server_name: "),
    ({"server_name": 7}, "server_name: "),
    ({"context": 7}, "an ssl.SSLContext is wanted, not 7"),
])
def test_what_is_wrong_is_named(folder, authority, files, options, says):
    (folder / "damaged").write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    places = {"folder": folder, "chain": files[0], "key": files[1], "other": authority.key,
              "damaged": folder / "damaged",
              "encrypted": encrypt_key(files[1], folder / "encrypted.key")}
    given = {name: value.format(**places) if isinstance(value, str) else value
             for name, value in options.items()}
    with pytest.raises(InvalidArgumentError, match=says.format(**places)):
        Tls(TlsOptions(**given), NATIVE)


@pytest.mark.parametrize("address", ["127.0.0.1:1234", "unix:/x", "ws://127.0.0.1:1234"])
@in_loop
async def test_options_of_tls_are_for_encrypted_addresses(address):
    for tls in (TlsOptions(), TlsOptions(verify=False), TlsOptions(server_name="a")):
        with pytest.raises(InvalidArgumentError, match="want an address tls://HOST:PORT or wss"):
            aio.Client(ClientOptions(address=address, tls=tls))


@in_loop
async def test_options_that_are_none(folder):
    with pytest.raises(InvalidArgumentError, match="TlsOptions are wanted"):
        aio.Client(ClientOptions(address="tls://127.0.0.1:1", tls=folder))
    with pytest.raises(InvalidArgumentError, match=f"{folder}/gone"):
        aio.Client(ClientOptions(address="tls://127.0.0.1:1",
                                 tls=TlsOptions(ca_file=f"{folder}/gone")))


def test_the_environment_says_it_where_the_program_does_not(authority, files, monkeypatch):
    for name, value in zip(("CA", "CERT", "KEY"), (authority.path, *files)):
        monkeypatch.setenv(f"ESOCKETS_{name}", value)
    assert TlsOptions.of_environment() == TlsOptions(ca_file=authority.path, chain_file=files[0],
                                                     key_file=files[1])
    assert TlsOptions() == TlsOptions(ca_file="", chain_file="", key_file="")
    Broker(files).meet(Tls.of(None, NATIVE))
    assert Tls.of(None, Address.parse("127.0.0.1:1234")) is None
    monkeypatch.setenv("ESOCKETS_CA", "/none")
    with pytest.raises(InvalidArgumentError, match="/none"):
        Tls.of(None, NATIVE)


@pytest.mark.parametrize("reason, says", [
    ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLS: alert of the broker: certificate required"),
    ("SSLV3_ALERT_HANDSHAKE_FAILURE", "TLS: alert of the broker: handshake failure"),
    ("TLSV1_ALERT_PROTOCOL_VERSION",
     "TLS: alert of the broker: protocol version (is it a port that takes TLS?)"),
    ("WRONG_VERSION_NUMBER", "TLS: wrong version number (is it a port that takes TLS?)"),
    (None, "TLS: as it was"),
])
def test_words(reason, says):
    error = ssl.SSLError(1, "as it was")
    error.strerror, error.reason = "as it was", reason
    assert words(error).replace("(1, 'as it was')", "as it was") == says


if __name__ == "__main__":
    run(__file__)
