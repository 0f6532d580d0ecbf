"""The sources file: which documents to read, where they lie, and how they differ from our own shape.

Put here: reading the file, and what is said when a key is wrong. Keep out: the keys (``spec``
of each kind),
secrets (an environment variable is named, never written).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipelines.errors import ConfigurationError
from pipelines.sources.kinds import KINDS
from pipelines.sources.source import Source


class SourcesError(ConfigurationError):
    """The sources file cannot be used; the message says file, source, key and how to fix it, in one line."""


def load_sources(path: Path) -> list[Source]:
    """Read the sources file (YAML, a list ``sources:``); relative paths start at the file's folder.

    Raises:
        SourcesError: the file is absent, not YAML, has an unknown key, or two sources share a name.
    """
    entries = _entries(path)
    specs: list[Source] = []
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


def _spec(path: Path, number: int, entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise SourcesError(
            f"{path}: sumber / source #{number}: harus berupa / must be keys such as name, kind, path"
        )
    where = f"{path}: sumber / source {entry.get('name') or f'#{number}'!s}"
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        said = "kunci 'kind' belum ada / key is missing" if kind is None else f"kind {kind!r}"
        raise SourcesError(f"{where}: {said}; known: {', '.join(KINDS)}")
    keys: type[Source] = KINDS[kind].keys
    try:
        return keys.model_validate(entry)
    except ValidationError as error:
        known = ", ".join(keys.model_fields)
        raise SourcesError(
            f"{where}: {'; '.join(_sentence(found, known) for found in error.errors())}"
        ) from error


def _sentence(found: Any, known: str) -> str:
    key = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        return f"kunci tidak dikenal / unknown key {key!r}; known: {known}"
    if found["type"] == "missing":
        return f"kunci {key!r} belum ada / key is missing"
    if key == "name":
        return f"name {found['input']!r}: huruf kecil, angka, _ / lower-case letters, digits and _ only"
    return f"{key}: {found['msg'].removeprefix('Value error, ')}".removeprefix(": ")
