"""What stands for a client's credentials when it comes back: the broker tells it, and takes it
once."""

from __future__ import annotations

from esockets.options import ClientOptions
from esockets.status import CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED, NOT_AUTHENTICATED


class Ticket:
    """The last one that a client was told, across its connections. A secret as a password is: no
    text and no event has it. Called on the loop."""

    def __init__(self) -> None:
        self._bytes = b""
        self._shown_alone = False  # by the last Connect

    def __bool__(self) -> bool:
        return bool(self._bytes)

    def show(self, options: ClientOptions, token: str) -> bytes:
        """For `resume` of a Connect with these credentials; `token`: instead of the options'.
        Empty: there is none."""
        self._shown_alone = bool(self) and not (token or options.user or options.password)
        return self._bytes

    def on_connected(self, ticket: bytes) -> None:
        """`ticket`: of the frame."""
        self._bytes = ticket

    def on_go_away(self, ticket: bytes) -> None:
        """`ticket`: of the frame."""
        self._bytes = ticket or self._bytes

    def on_close(self, code: int) -> bool:
        """True: the broker did not take it and was shown nothing else, so that a Connect without it
        is worth an attempt."""
        is_refused = code == NOT_AUTHENTICATED and self._shown_alone
        if is_refused or code in (CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED):
            self._bytes = b""
        return is_refused
