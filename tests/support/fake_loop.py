"""A loop whose time a test sets: what is called later runs when the test says so."""


class FakeTimer:

    def __init__(self, due, callback):
        self.due, self._callback = due, callback

    def cancel(self):
        self._callback = None

    def run(self):
        callback, self._callback = self._callback, None
        if callback:
            callback()

    @property
    def is_set(self):
        return self._callback is not None


class FakeLoop:
    """As esockets.loop.Loop."""

    def __init__(self):
        self._now = 0.0
        self._timers = []

    def time(self):
        return self._now

    def call_soon(self, callback, *arguments):
        return self.call_later(0, lambda: callback(*arguments))

    def call_later(self, delay, callback):
        timer = FakeTimer(self._now + delay, callback)
        self._timers.append(timer)
        return timer

    def run(self):
        """What is due."""
        self.advance(0)

    def advance(self, seconds):
        """Runs what becomes due, in order."""
        end = self._now + seconds
        while due := [t for t in self._timers if t.is_set and t.due <= end]:
            timer = min(due, key=lambda t: t.due)
            self._now = max(self._now, timer.due)
            timer.run()
        self._timers = [t for t in self._timers if t.is_set]
        self._now = end

    @property
    def next_due(self):
        """Seconds from now; None: nothing is waited for."""
        return min((t.due - self._now for t in self._timers if t.is_set), default=None)
