"""The manifest of a release: what is in it, what it was made from, and the hash of every file.

It says the hash of itself as a whole, and that of the whole manifest of the release before it: so whoever
trusts one release can tell every other history than the one that led to it (``chain``).

Put here: its shape and its JSON. Keep out: making a release (``release``), checking one (``releases``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.errors import UnavailableError
from pipelines.messages import cause, say

FORMAT = 3
"""The shape of a release: its manifest, and the tables and columns that readers of releases ask for.

Raise it when a reader needs what the releases of before lack. A release of another format is refused and its
home built again from ``raw/``, so that no reader has a branch for older ones."""

FILE, DATABASE = "manifest.json", "spm.duckdb"
_OF_ITSELF = "whole_sha256"


class DamagedReleaseError(UnavailableError):
    """A release is not as it was published; the message names the file."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """One Parquet file: number of rows, sha256 of its bytes, size."""

    rows: int
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """All of a release that follows from its inputs: the same inputs give the same content.

    ``inputs`` gives per period the number of documents and the hash of their sorted hashes; ``methods``
    the method of each period; ``gate`` the verdict of each check per period; ``made_with`` per period the
    hashes of the documents, of the code that decides numbers and of the registry, with and without its
    corrections. ``is_demo``: figures in it are made up (``publish.candidate`` decides).
    """

    periods: list[str]
    tables: dict[str, TableFile]
    inputs: dict[str, dict[str, Any]]
    methods: dict[str, str]
    code_version: str
    code_sha256: str
    rules_sha256: str
    gate: dict[str, list[dict[str, Any]]]
    registry_sha256: str
    made_with: dict[str, dict[str, str]]
    is_demo: bool


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The run behind a release, so that it can be built again: its periods, the receipt batches it knew.

    Receipts carry the time of the run, so this is no part of the content.
    """

    periods: list[str]
    batches: list[str]


# no slots: what is hashed is kept
@dataclass(frozen=True)
class Manifest:
    """The manifest.

    ``release_before`` is the release it was built on, none for the first. ``other_files`` are
    mart_release.parquet, which holds the content's hash and the time of publication, and spm.duckdb, whose
    bytes DuckDB does not promise to repeat. ``approval`` says who approved what it changes, where that was
    owed; people decide at times of their own, so it is no part of the content. ``before_sha256`` is the hash
    of the whole manifest of the release before. ``notice`` is what a release of made-up data says.
    ``is_chained``: it says these hashes; early releases do not.
    """

    content: Content
    number: int
    published_at: str
    made_from: MadeFrom
    release_before: str | None = None
    other_files: Mapping[str, str] = field(default_factory=dict)
    approval: Mapping[str, Any] | None = None
    before_sha256: str | None = None
    notice: str = ""
    is_chained: bool = True

    @cached_property
    def content_sha256(self) -> str:
        """The hash of the content as canonical JSON."""
        return _hash_of(self._content)

    @cached_property
    def _content(self) -> dict[str, Any]:
        # not asdict, which copies whatever is in it
        said = {one.name: getattr(self.content, one.name) for one in fields(Content)}
        return said | {"tables": {name: asdict(table) for name, table in self.content.tables.items()}}

    @property
    def whole_sha256(self) -> str:
        """The hash of all that it says, times and approval with it, as canonical JSON."""
        return _hash_of(self._said())

    @property
    def release_id(self) -> str:
        """Its number here, and its content's hash: ``r0001-3f2a9c…``."""
        return f"r{self.number:04d}-{self.content_sha256[:12]}"

    def with_files(self, files: Mapping[str, str]) -> Manifest:
        """The manifest with the hashes of the files beside the tables."""
        return replace(self, other_files=dict(files))

    def files(self) -> dict[str, str]:
        """Every file of the release but the manifest, with its sha256."""
        tables = {f"{name}.parquet": table.sha256 for name, table in self.content.tables.items()}
        return tables | dict(self.other_files)

    def to_json(self) -> str:
        """As written to ``manifest.json``."""
        shown = self._said() | ({_OF_ITSELF: self.whole_sha256} if self.is_chained else {})
        return json.dumps(shown, indent=1) + "\n"

    def _said(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "release_id": self.release_id,
            "is_demo": self.content.is_demo,
            **({"notice": self.notice} if self.notice else {}),
            "number": self.number,
            "published_at": self.published_at,
            "release_before": self.release_before,
            **({"release_before_sha256": self.before_sha256} if self.is_chained else {}),
            "made_from": asdict(self.made_from),
            **({"approval": dict(self.approval)} if self.approval else {}),
            "content_sha256": self.content_sha256,
            "content": self._content,
            "files": dict(sorted(self.files().items())),
        }

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read ``manifest.json``.

        Raises:
            DamagedReleaseError: it cannot be read, it is not what was written, or another version of this
                program made the release.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found.get("format") != FORMAT:
                raise DamagedReleaseError(say("release.other_version", at=path))
            whole = found.pop(_OF_ITSELF, None)
            content = dict(found["content"])
            content["tables"] = {name: TableFile(**table) for name, table in content["tables"].items()}
            tables = {f"{name}.parquet" for name in content["tables"]}
            others = {name: sha for name, sha in found["files"].items() if name not in tables}
            read = cls(
                Content(**content),
                found["number"],
                found["published_at"],
                MadeFrom(**found["made_from"]),
                found["release_before"],
                others,
                found.get("approval"),
                found.get("release_before_sha256"),
                found.get("notice", ""),
                is_chained=whole is not None,
            )
            # what it says twice agrees, and nothing in it is unknown here
            if read._said() != found or whole not in (None, read.whole_sha256):
                raise DamagedReleaseError(say("release.changed_manifest", at=path))
            return read
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedReleaseError(say("release.damaged_manifest", at=path, why=cause(error))) from error


def _hash_of(said: Mapping[str, Any]) -> str:
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
