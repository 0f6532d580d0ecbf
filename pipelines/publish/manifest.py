"""The manifest of a release: what is in it, what it was made from, and the hash of every file.

Put here: its shape and its JSON. Keep out: making a release (``release``), checking one (``releases``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.errors import UnavailableError


class DamagedReleaseError(UnavailableError):
    """The manifest of a release cannot be read; the message names the file."""


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
    corrections. Early releases do not know ``registry_sha256`` and ``made_with``, and their hash leaves them
    out.
    """

    periods: list[str]
    tables: dict[str, TableFile]
    inputs: dict[str, dict[str, Any]]
    methods: dict[str, str]
    code_version: str
    code_sha256: str
    rules_sha256: str
    gate: dict[str, list[dict[str, Any]]]
    registry_sha256: str | None = None
    made_with: dict[str, dict[str, str]] | None = None

    def to_json(self) -> dict[str, Any]:
        """As hashed and written: without what is not known."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The run behind a release, so that it can be built again: its periods, the receipt batches it knew.

    Receipts bear the time of the run, so this is no part of the content.
    """

    periods: list[str]
    batches: list[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest. ``other_files`` are mart_release.parquet, which holds the content's hash and the time
    of publication, and spm.duckdb, whose bytes DuckDB does not promise to repeat. ``release_before`` is the
    release it was built on; early releases do not name it. ``approval`` says who approved what it changes,
    where that was owed; people decide at times of their own, so it is no part of the content."""

    content: Content
    number: int
    published_at: str
    other_files: Mapping[str, str] = field(default_factory=dict)
    release_before: str | None = None
    made_from: MadeFrom | None = None
    approval: Mapping[str, Any] | None = None

    @property
    def content_sha256(self) -> str:
        """The hash of the content as canonical JSON."""
        canonical = json.dumps(self.content.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

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
        shown = {
            "release_id": self.release_id,
            "number": self.number,
            "published_at": self.published_at,
            "release_before": self.release_before,
            "made_from": asdict(self.made_from) if self.made_from else None,
            **({"approval": dict(self.approval)} if self.approval else {}),
            "content_sha256": self.content_sha256,
            "content": self.content.to_json(),
            "files": dict(sorted(self.files().items())),
        }
        return json.dumps(shown, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read ``manifest.json``.

        Raises:
            DamagedReleaseError: see there.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            content = dict(found["content"])
            content["tables"] = {name: TableFile(**table) for name, table in content["tables"].items()}
            tables = {f"{name}.parquet" for name in content["tables"]}
            others = {name: sha for name, sha in found["files"].items() if name not in tables}
            return cls(
                Content(**content),
                found["number"],
                found["published_at"],
                others,
                found.get("release_before"),
                MadeFrom(**found["made_from"]) if found.get("made_from") else None,
                found.get("approval"),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedReleaseError(
                f"{path}: manifes rusak / the manifest is damaged ({error});"
                " pilih rilis lain / choose another release: spm rollback ID"
            ) from error
