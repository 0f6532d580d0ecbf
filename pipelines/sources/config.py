"""The sources file: which documents to read, where they lie, and how they differ from our own shape.

Put here: the file's keys and what is said when one is wrong. Keep out: listing files (``files``),
reading bytes (``csv``, ``workbook``), secrets (an environment variable is named, never written).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from pipelines.registry.periods import Period, parse_range
from pipelines.submissions.rows import COLUMNS

KINDS_TO_COME = ("rest", "sql")
_PLACEHOLDERS = {"period", "year", "quarter"}


class SourcesError(ValueError):
    """The sources file cannot be used; the message says file, source, key and how to mend it, in one line."""


class SourceSpec(BaseModel):
    """One source: where its documents lie and how their words become ours.

    ``columns`` maps their header to our column. ``values`` maps, per column of ours, their code to
    our text. ``path`` is a glob or an fsspec URL and may hold ``{period}`` (``2024-Q4``), ``{year}``
    and ``{quarter}`` (``4``). ``periods`` is ``FIRST..LAST``, both served; none means all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["csv", "workbook"]
    path: str = Field(min_length=1)
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    region_codes: Literal["kemendagri", "bps"] = "kemendagri"
    periods: str | None = None

    # where the sources file lies: of this machine only, so not part of what a receipt stores
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("path")
    @classmethod
    def _known_placeholders(cls, path: str) -> str:
        if unknown := set(re.findall(r"\{(.*?)\}", path)) - _PLACEHOLDERS:
            raise ValueError(
                f"{{{min(unknown)}}} tidak dikenal / is unknown; use {{period}}, {{year}}, {{quarter}}"
            )
        return path

    @field_validator("columns", "values")
    @classmethod
    def _our_columns(cls, mapping: dict[str, Any]) -> dict[str, Any]:
        ours = mapping.values() if all(isinstance(value, str) for value in mapping.values()) else mapping
        if unknown := set(ours) - set(COLUMNS):
            raise ValueError(
                f"{min(unknown)!r} bukan kolom kami / is not a column of ours; known: {', '.join(COLUMNS)}"
            )
        return mapping

    @field_validator("periods")
    @classmethod
    def _forward_range(cls, text: str | None) -> str | None:
        if text is not None:
            parse_range(text)
        return text

    def serves(self, period: Period) -> bool:
        """Whether the source is asked for ``period``."""
        return self.periods is None or period in parse_range(self.periods)

    def location(self, period: Period | None) -> str:
        """The path with its placeholders filled (``*`` where no period is given), absolute if local."""
        words = {"period": "*", "year": "*", "quarter": "*"}
        if period is not None:
            words = {"period": str(period), "year": str(period.year), "quarter": str(period.quarter)}
        filled = self.path
        for name, word in words.items():
            filled = filled.replace(f"{{{name}}}", word)
        if "://" in filled:
            return filled
        return str((self._folder or Path.cwd()) / Path(filled).expanduser())

    def canonical_json(self) -> str:
        """The spec as one line of JSON with sorted keys; the same spec gives the same text on any machine."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> SourceSpec:
        """The spec that ``canonical_json`` wrote: enough to read a stored document again."""
        return cls.model_validate_json(text)


def load_sources(path: Path) -> list[SourceSpec]:
    """Read the sources file (YAML, a list ``sources:``); relative paths start at the file's folder.

    Raises:
        SourcesError: the file is absent, not YAML, has an unknown key, or two sources share a name.
    """
    entries = _entries(path)
    specs: list[SourceSpec] = []
    for number, entry in enumerate(entries, start=1):
        spec = _spec(path, number, entry)
        if spec.name in {other.name for other in specs}:
            raise SourcesError(
                f"{path}: sumber / source {spec.name!r}: nama dipakai dua kali / name used twice"
            )
        spec._folder = path.absolute().parent
        specs.append(spec)
    return specs


def _entries(path: Path) -> list[Any]:
    try:
        # BaseLoader leaves every scalar a text: 64.70, 0101 and `no` are codes here, not values
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourcesError(
            f"{path}: tidak dapat dibaca / cannot be read: {' '.join(str(error).split())}"
        ) from error
    if (
        not isinstance(document, dict)
        or not isinstance(document.get("sources"), list)
        or not document["sources"]
    ):
        raise SourcesError(f"{path}: harus berisi daftar / must hold a list 'sources:'")
    if unknown := set(document) - {"sources"}:
        raise SourcesError(f"{path}: kunci tidak dikenal / unknown key {min(unknown)!r}; known: sources")
    return document["sources"]


def _spec(path: Path, number: int, entry: Any) -> SourceSpec:
    if not isinstance(entry, dict):
        raise SourcesError(
            f"{path}: sumber / source #{number}: harus berupa / must be keys such as name, kind, path"
        )
    where = f"{path}: sumber / source {entry.get('name') or f'#{number}'!s}"
    if entry.get("kind") in KINDS_TO_COME:
        raise SourcesError(
            f"{where}: kind {entry['kind']!r} belum didukung / is not supported yet; known: csv, workbook"
        )
    try:
        return SourceSpec.model_validate(entry)
    except ValidationError as error:
        raise SourcesError(f"{where}: {'; '.join(_sentence(found) for found in error.errors())}") from error


def _sentence(found: Any) -> str:
    key = ".".join(str(part) for part in found["loc"])
    known = ", ".join(SourceSpec.model_fields)
    if found["type"] == "extra_forbidden":
        return f"kunci tidak dikenal / unknown key {key!r}; known: {known}"
    if found["type"] == "missing":
        return f"kunci {key!r} belum ada / key is missing"
    if key == "name":
        return f"name {found['input']!r}: huruf kecil, angka, _ / lower-case letters, digits and _ only"
    return f"{key}: {found['msg'].removeprefix('Value error, ')}"
