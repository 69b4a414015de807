"""A thread with an asyncio loop: where a client without asyncio lives."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import threading
from typing import Any, Callable, Coroutine, Optional, Set, TypeVar

from esockets.status import FailedPreconditionError

T = TypeVar("T")

# So long, in seconds, a program that ends waits for a callback.
_CALLBACK_AT_EXIT = 1.0

_running: Set[LoopThread] = set()


class LoopThread:
    """Any thread may call. A program that ends without stop ends it as well; a callback that does
    not return keeps it for a moment, and not for ever."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self.is_over = False  # guarded by the lock
        self._thread = threading.Thread(target=self._run, name="esockets", daemon=True)
        _running.add(self)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._runs_until_stopped():
            pass
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _runs_until_stopped(self) -> bool:
        """False: a callback has called sys.exit. That would end the thread, and leave all who wait
        for it."""
        try:
            self._loop.run_forever()
        except (KeyboardInterrupt, SystemExit) as error:
            self._loop.call_exception_handler({
                "message": "a callback of an esockets client cannot end the program from the "
                           "client's thread", "exception": error})
            return self.is_over
        return True

    @property
    def is_current(self) -> bool:
        """Within a callback?"""
        return threading.current_thread() is self._thread

    def check_may_wait(self) -> None:
        """Errors: FailedPreconditionError within a callback, instead of a deadlock."""
        if self.is_current:
            raise FailedPreconditionError("a callback must not wait for its own client")

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it there, and returns what it returns. Errors: its own; FailedPreconditionError
        within a callback, and when the client is closed."""
        try:
            self.check_may_wait()
            with self._lock:
                if self.is_over:
                    raise FailedPreconditionError("the client is closed")
                future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except FailedPreconditionError:
            work.close()
            raise
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise FailedPreconditionError("the client is closed") from None
        except BaseException:
            future.cancel()  # somebody has pressed Ctrl-C
            raise

    def run(self, call: Callable[[], None]) -> None:
        """Returns when it has run; within a callback it runs at once. No effect when it is over."""
        if self.is_current:
            return call()

        async def run() -> None:
            call()

        try:
            self.wait(run())
        except FailedPreconditionError:
            pass

    def stop(self, timeout: Optional[float] = None) -> None:
        """What is under way there is cancelled. Within a callback it only begins to stop.
        `timeout`: of a callback that is running; None: none."""
        _running.discard(self)
        with self._lock:
            over, self.is_over = self.is_over, True
            if not over:
                # Two turns later: what has been told on the loop reaches those who wait for it.
                self._loop.call_soon_threadsafe(
                    self._loop.call_soon, self._loop.call_soon, self._loop.stop)
        if not self.is_current:
            self._thread.join(timeout)


@atexit.register
def _stop_all() -> None:
    """While the interpreter is whole. Later it stops the thread wherever it is: in a callback that
    prints, for example, which then keeps the lock of the output for ever."""
    for thread in list(_running):
        thread.stop(_CALLBACK_AT_EXIT)
