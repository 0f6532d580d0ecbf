"""What a disk may hold after the power was cut: what was flushed, and of everything else any part.

A file that was not flushed holds its last bytes, a part of them, zeros of their length, or nothing. A name
that was not flushed is there or not, each for itself: later ones may be there without earlier ones. A rename
is one step, as every file system with a journal has it.

Put here: one disk out of a journal. Keep out: recording (``recorder``), what must hold (the test).
"""

from __future__ import annotations

import random
from pathlib import Path

from tests.power.recorder import ROOT, Flushed, Journal, Names, Promised, Written


def instants(journal: Journal) -> list[int]:
    """Each number of steps after which the power may be cut."""
    return list(range(len(journal.steps) + 1))


def promises(journal: Journal, instant: int) -> list[str]:
    """What somebody was told is done by then."""
    return [step.what for step in journal.steps[:instant] if isinstance(step, Promised)]


def write_disk(journal: Journal, instant: int, draw: random.Random, folder: Path) -> None:
    """Write into ``folder``, which is empty, what a disk may hold when the power is cut at ``instant``."""
    steps = journal.steps[:instant]
    names_flushed: dict[int, int] = {}
    content: dict[int, bytes] = {}
    safe: dict[int, bytes] = {}
    for number, step in enumerate(steps):
        if isinstance(step, Written):
            content[step.node] = step.content
        elif isinstance(step, Flushed):
            names_flushed[step.node] = number
            if step.node in content:
                safe[step.node] = content[step.node]
    share = draw.choice((0.0, 0.5, 1.0))
    names: dict[int, dict[str, int]] = {}
    for number, step in enumerate(steps):
        if not isinstance(step, Names):
            continue
        is_safe = any(number < names_flushed.get(node, -1) for node, _, _ in step.entries)
        if is_safe or draw.random() < share:
            _apply(step, names)
    _write(
        journal, ROOT, names, {node: _left(content[node], safe.get(node), draw) for node in content}, folder
    )


def _apply(step: Names, names: dict[int, dict[str, int]]) -> None:
    for node, name, child in step.entries:
        if child is None:
            names.setdefault(node, {}).pop(name, None)
        else:
            names.setdefault(node, {})[name] = child


def _left(now: bytes, safe: bytes | None, draw: random.Random) -> bytes:
    if now == safe:
        return now
    part = draw.randrange(len(now) + 1)
    return draw.choice((now, safe or b"", b"", now[:part], now[:part] + bytes(len(now) - part)))


def _write(
    journal: Journal, node: int, names: dict[int, dict[str, int]], left: dict[int, bytes], folder: Path
) -> None:
    for name, child in names.get(node, {}).items():
        path = folder / name
        if child in journal.folders:
            path.mkdir()
            _write(journal, child, names, left, path)
        elif child in journal.links:
            path.symlink_to(journal.links[child])
        else:
            path.write_bytes(left.get(child, b""))
