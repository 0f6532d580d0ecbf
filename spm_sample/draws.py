"""Seeded draws that depend on what they are for and on nothing else: neither order nor workers.

Put here: a number, a yes or no, or a generator from a seed and keys. Keep out: what is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")
Key = str | int


def generator(seed: int, *keys: Key) -> np.random.Generator:
    """A generator of its own for ``keys``; the same seed and keys give the same draws."""
    return np.random.default_rng(_number(seed, keys))


def chance(seed: int, *keys: Key) -> float:
    """A number from 0 up to, and not reaching, 1."""
    return (_number(seed, keys) >> 11) / 2.0**53


def pick(seed: int, things: Sequence[Thing], *keys: Key) -> Thing:
    """One of ``things``, which must not be empty."""
    return things[int(chance(seed, *keys) * len(things))]


def _number(seed: int, keys: tuple[Key, ...]) -> int:
    text = "|".join(map(str, (seed, *keys)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
