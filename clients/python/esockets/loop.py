"""What the library needs of an asyncio loop; a test has one of its own."""

from __future__ import annotations

from typing import Any, Callable, Protocol


class Timer(Protocol):
    """As of asyncio's call_later."""

    def cancel(self) -> None: ...


class Loop(Protocol):
    """Times are seconds, of a clock that never goes back."""

    def time(self) -> float: ...

    def call_soon(self, callback: Callable[[], Any]) -> Any: ...

    def call_later(self, delay: float, callback: Callable[[], Any]) -> Timer: ...
