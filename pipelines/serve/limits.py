"""How many forms may come: of one address in a minute, and of all at once.

The counts are of this process: a second server beside it has its own.

Put here: counting. Keep out: what is told to who has to wait (``check_page``).
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

_MINUTE = 60
_MOST_ADDRESSES = 10_000
_SECONDS_TO_WAIT = 10


class TooManyError(Exception):
    """It has to be tried again after ``seconds``; ``is_own``: because of what its own address sent."""

    def __init__(self, seconds: int, is_own: bool) -> None:
        super().__init__(seconds)
        self.seconds, self.is_own = seconds, is_own


@dataclass(slots=True)
class _Bucket:
    left: float
    seen_at: float


class Limits:
    """Admits a form, or says when to come again."""

    def __init__(self, rate: int, at_once: int) -> None:
        self._rate, self._at_once = rate, at_once
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._inside: Counter[str] = Counter()

    @contextmanager
    def admitted(self, address: str) -> Iterator[None]:
        """Count a form of an address while it is inside.

        Raises:
            TooManyError: it may not come in now.
        """
        whose = _sender(address)
        if wait := self._wait(whose):
            raise TooManyError(wait, is_own=True)
        # one address may take no more than half of what there is: the others are to come in, too
        if self._inside[whose] >= max(2, self._at_once // 2):
            raise TooManyError(_SECONDS_TO_WAIT, is_own=True)
        if self._inside.total() >= self._at_once:
            raise TooManyError(_SECONDS_TO_WAIT, is_own=False)
        self._inside[whose] += 1
        try:
            yield
        finally:
            self._inside[whose] -= 1
            if not self._inside[whose]:
                del self._inside[whose]

    def _wait(self, whose: str) -> int:
        """The seconds until the address may send a form again; 0: now, and it is counted."""
        now = time.monotonic()
        bucket = self._buckets.pop(whose, None) or _Bucket(self._rate, now)
        bucket.left = min(self._rate, bucket.left + (now - bucket.seen_at) * self._rate / _MINUTE)
        bucket.seen_at = now
        self._buckets[whose] = bucket
        while len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            return math.ceil((1 - bucket.left) * _MINUTE / self._rate)
        bucket.left -= 1
        return 0


def _sender(address: str) -> str:
    """Whose an address is: of version 6 everybody has a network of 64 bits."""
    try:
        found = ip_address(address)
    except ValueError:
        return "?"
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
