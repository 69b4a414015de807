"""A thread with an asyncio loop: where a client without asyncio lives."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from typing import Any, Callable, Coroutine, TypeVar

from esockets.status import FailedPreconditionError

T = TypeVar("T")


class LoopThread:
    """Any thread may call. A program that ends without stop ends it as well."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self.is_over = False  # guarded by the lock
        self._thread = threading.Thread(target=self._run, name="esockets", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it there, and returns what it returns. Errors: its own; FailedPreconditionError
        within a callback, and when the client is closed."""
        if threading.current_thread() is self._thread:
            work.close()
            raise FailedPreconditionError("a callback must not wait for its own client")
        with self._lock:
            if self.is_over:
                work.close()
                raise FailedPreconditionError("the client is closed")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise FailedPreconditionError("the client is closed") from None
        except BaseException:
            future.cancel()  # somebody has pressed Ctrl-C
            raise

    def run(self, call: Callable[[], None]) -> None:
        """Returns when it has run; within a callback it runs at once. No effect when it is over."""
        if threading.current_thread() is self._thread:
            return call()

        async def run() -> None:
            call()

        try:
            self.wait(run())
        except FailedPreconditionError:
            pass

    def stop(self) -> None:
        """What is under way there is cancelled. Within a callback it only begins to stop."""
        with self._lock:
            over, self.is_over = self.is_over, True
            if not over:
                # Two turns later: what has been told on the loop reaches those who wait for it.
                self._loop.call_soon_threadsafe(
                    self._loop.call_soon, self._loop.call_soon, self._loop.stop)
        if threading.current_thread() is not self._thread:
            self._thread.join()
