"""What an attacker, or a bad sector, does to a home: bytes that change, histories that are written anew.

Put here: doing harm. Keep out: what should come of it (the tests say).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def flip(path: Path, at: int | None = None, bit: int = 1) -> None:
    """Change one bit of a file, in its middle unless said otherwise; it stays as readable as it was."""
    mode = path.stat().st_mode
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= bit
    path.write_bytes(content)
    path.chmod(mode)


def rewrite(manifest: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """Change a manifest as one does who knows how it is made: every hash in it is right again.

    A release of other content gets the folder of its id. Returns the id.
    """
    said = json.loads(manifest.read_text())
    change(said)
    said["content_sha256"] = _hash_of(said["content"])
    said["release_id"] = f"r{said['number']:04d}-{said['content_sha256'][:12]}"
    if said.pop("whole_sha256", None):
        said["whole_sha256"] = _hash_of(said)
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(said, indent=1) + "\n")
    manifest.parent.rename(manifest.parent.with_name(said["release_id"]))
    return str(said["release_id"])


def unchained(said: dict[str, Any]) -> None:
    """Make a manifest one of before releases named the hash of the one before."""
    for name in ("whole_sha256", "release_before_sha256"):
        said.pop(name, None)


def _hash_of(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
