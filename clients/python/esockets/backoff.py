"""How long to wait before the next attempt: capped exponential backoff with full jitter.

A broker that restarts gets its clients back spread over time, not in one wave.
"""

from __future__ import annotations

import random
from typing import Callable, Optional


class Backoff:
    """`dice`: uniform in [0, 1). None: dice of its own."""

    def __init__(self, min: float, max: float, dice: Optional[Callable[[], float]] = None) -> None:
        self._min = min
        self._max = max if max > min else min
        self._dice = dice or random.SystemRandom().random
        self._ceiling = min

    def next(self) -> float:
        """Seconds: random between 0 and the ceiling, which doubles from `min` to `max`."""
        wait = self._ceiling * self._dice()
        self._ceiling = min(self._ceiling * 2, self._max)
        return wait

    def reset(self) -> None:
        """The next wait is a first one again."""
        self._ceiling = self._min

    @property
    def ceiling(self) -> float:
        """Of the next wait."""
        return self._ceiling
