"""The locks as they stand, and the graph of who needs whom in the runtime set.

``requirements.lock`` is what production installs, ``requirements-dev.lock`` what tools and tests add to it.

Put here: reading locks and requirements. Keep out: licences (``licences``), the bill of materials (``sbom``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipelines.settings import PROJECT_DIR

REQUIREMENTS = PROJECT_DIR / "requirements.in"
RUNTIME = PROJECT_DIR / "requirements.lock"
DEV = PROJECT_DIR / "requirements-dev.lock"


@dataclass(frozen=True)
class Pinned:
    """One line of a lock: any of the hashes is a file of this version."""

    name: str
    version: str
    sha256s: tuple[str, ...]


def read_lock(path: Path = RUNTIME) -> dict[str, Pinned]:
    """The pins by canonical name; every line must be a pin with hashes of SHA-256 (ValueError)."""
    pins: dict[str, Pinned] = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        found = re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*", line)
        if found is None:
            raise ValueError(f"{path.name}: not a pin with hashes: {line[:100]}")
        name = str(canonicalize_name(found[1]))
        if name in pins:
            raise ValueError(f"{path.name}: {name} is pinned twice")
        pins[name] = Pinned(name, found[2], tuple(sorted(re.findall(r"[0-9a-f]{64}", found[3]))))
    return pins


def read_requirements(path: Path = REQUIREMENTS) -> list[Requirement]:
    """What a person asked for, without comments."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def graph(asked: Iterable[Requirement]) -> Mapping[str, set[str]]:
    """Who needs whom on this machine, from ``asked`` on: canonical names, from the metadata as installed."""
    needed: dict[str, set[str]] = {}
    extras_done: dict[str, set[str]] = {}
    waiting = list(asked)
    while waiting:
        one = waiting.pop()
        name = str(canonicalize_name(one.name))
        extras = {"", *one.extras}
        new = extras - extras_done.setdefault(name, set())
        extras_done[name] |= extras
        found = needed.setdefault(name, set())
        for requirement in map(Requirement, requires(name) or () if new else ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in new):
                found.add(str(canonicalize_name(requirement.name)))
                waiting.append(requirement)
    return needed
