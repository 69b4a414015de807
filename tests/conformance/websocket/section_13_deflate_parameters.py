"""permessage-deflate with the parameters that a client may ask for, and offers that are none."""

from tests.conformance.websocket.case import OK, Case, Failed, close_normally, expect
from tests.conformance.websocket.frames import TEXT, frame
from tests.conformance.websocket.section_12_deflate import SIZES, round_trips, words_of

_NAME = "permessage-deflate"
# What the client can do itself, in each offer.
_CAN = f"{_NAME}; client_no_context_takeover; client_max_window_bits"
_NO_TAKEOVER = "server_no_context_takeover"
OFFERS = (
    _CAN,
    f"{_CAN}; {_NO_TAKEOVER}",
    f"{_CAN}; server_max_window_bits=9",
    f"{_CAN}; server_max_window_bits=15",
    f"{_CAN}; {_NO_TAKEOVER}; server_max_window_bits=9",
    f"{_CAN}; {_NO_TAKEOVER}; server_max_window_bits=15",
    f"{_CAN}; {_NO_TAKEOVER}; server_max_window_bits=9, {_CAN}; {_NO_TAKEOVER}, {_CAN}",
)
_JSON = 3  # of test_data.KINDS
_TAKEN = (
    ("no parameter", _NAME, "§7"),
    ("client_no_context_takeover", f"{_NAME}; client_no_context_takeover", "§7.1.1.2"),
    ("server_no_context_takeover", f"{_NAME}; {_NO_TAKEOVER}", "§7.1.1.1"),
    ("client_max_window_bits", f"{_NAME}; client_max_window_bits", "§7.1.2.2"),
    ("client_max_window_bits=9", f"{_NAME}; client_max_window_bits=9", "§7.1.2.2"),
    ("client_max_window_bits=15", f"{_NAME}; client_max_window_bits=15", "§7.1.2.2"),
    ("a value in quotes", f'{_NAME}; server_max_window_bits="10"', "§5.2"),
    ("no spaces", f"{_NAME};{_NO_TAKEOVER};server_max_window_bits=12", "§5.1"),
    ("a wrong offer, then a right one", f"{_NAME}; server_max_window_bits=99, {_NAME}", "§5"),
    ("another extension, then this", f"x-unknown; a=1, {_NAME}", "§5"),
    ("two header lines", f"x-unknown\n{_NAME}; server_max_window_bits=11", "§5"),
)
_DECLINED = (
    ("an unknown parameter", f"{_NAME}; unknown"),
    ("server_max_window_bits without a value", f"{_NAME}; server_max_window_bits"),
    ("server_max_window_bits=7", f"{_NAME}; server_max_window_bits=7"),
    ("server_max_window_bits=16", f"{_NAME}; server_max_window_bits=16"),
    ("server_max_window_bits=010", f"{_NAME}; server_max_window_bits=010"),
    ("client_max_window_bits=16", f"{_NAME}; client_max_window_bits=16"),
    ("client_max_window_bits=", f"{_NAME}; client_max_window_bits="),
    ("server_no_context_takeover=1", f"{_NAME}; {_NO_TAKEOVER}=1"),
    ("client_no_context_takeover=1", f"{_NAME}; client_no_context_takeover=1"),
    ("a parameter twice", f"{_NAME}; {_NO_TAKEOVER}; {_NO_TAKEOVER}"),
)


def _declined(peer):
    """That goes on without the extension."""
    if peer.deflate is not None:
        raise Failed(f"accepted with {peer.deflate.answer}")
    peer.send(frame(TEXT, b"plain"))
    expect(peer, ("text", b"plain"))
    close_normally(peer)
    return OK


def cases(limits):
    found = []
    for group, offer in enumerate(OFFERS, 1):
        for i, (size, part) in enumerate(SIZES, 1):
            found.append(Case(f"13.{group}.{i}",
                              f"JSON: {words_of(size, part, limits.rounds)}; offer {group}",
                              "RFC 7692 §7.1", round_trips(_JSON, size, part, limits.rounds),
                              offer))
    # Ten messages: enough for a window to be taken over.
    found += [Case(f"13.100.{i}", f"accepted: {what}", f"RFC 7692 {section}",
                   round_trips(_JSON, 4096, 0, 10), offer)
              for i, (what, offer, section) in enumerate(_TAKEN, 1)]
    return found + [Case(f"13.101.{i}", f"declined: {what}", "RFC 7692 §7.1", _declined, offer)
                    for i, (what, offer) in enumerate(_DECLINED, 1)]
