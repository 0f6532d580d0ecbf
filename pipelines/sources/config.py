"""The sources file: which documents to read, where they lie, and how they differ from our own shape.

Put here: reading the file, and what is said when a key is wrong. Keep out: the keys (``spec`` of each
kind), secrets (an environment variable is named, never written).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from pipelines.errors import ConfigurationError
from pipelines.messages import cause, most_like, printable, say
from pipelines.sources.kinds import KINDS
from pipelines.sources.source import Source
from pipelines.storage.yaml_files import YamlFault, read_yaml

LONGEST_SENTENCE = 500
MOST_SENTENCES = 10
"""What is said of one source: what it echoes of the file may be of any length."""


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
            raise SourcesError(say("source.name_twice", at=f"{path}: {spec.name}"))
        spec._folder = path.absolute().parent
        specs.append(spec)
    return specs


def _entries(path: Path) -> list[Any]:
    try:
        document = read_yaml(path)
    except YamlFault as error:
        raise SourcesError(say("source.unreadable", at=path, why=cause(error))) from error
    if (
        not isinstance(document, dict)
        or not isinstance(document.get("sources"), list)
        or not document["sources"]
    ):
        raise SourcesError(say("source.no_list", at=path))
    if unknown := set(document) - {"sources"}:
        raise SourcesError(
            say("source.unknown_key", at=path, key=_short(repr(min(unknown))), known="sources")
        )
    return document["sources"]


def _spec(path: Path, number: int, entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise SourcesError(say("source.not_keys", at=f"{path}: #{number}"))
    where = f"{path}: {_short(str(entry.get('name') or f'#{number}'))}"
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        written = "" if kind is None else f" {_short(repr(kind))}"
        raise SourcesError(say("source.unknown_kind", at=f"{where}: kind{written}", known=", ".join(KINDS)))
    keys: type[Source] = KINDS[kind].keys
    try:
        return keys.model_validate(entry)
    except ValidationError as error:
        said = "; ".join(_short(_sentence(found, keys)) for found in error.errors()[:MOST_SENTENCES])
        raise SourcesError(f"{where}: {said}") from error


def _short(said: str) -> str:
    said = printable(said)
    return said if len(said) <= LONGEST_SENTENCE else f"{said[:LONGEST_SENTENCE]}…"


def _sentence(found: Any, keys: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        return say(
            "source.unknown_key",
            key=repr(key),
            known=most_like(str(found["loc"][-1]), _known(keys, found["loc"][:-1])),
        )
    if found["type"] == "missing":
        return say("source.missing_key", key=repr(key))
    if key == "name":
        return say("source.name_letters", at=f"name {found['input']!r}")
    return f"{key}: {found['msg'].removeprefix('Value error, ')}".removeprefix(": ")


def _known(keys: type[BaseModel], place: Sequence[int | str]) -> Iterable[str]:
    """The keys that may stand at a place among the keys of a source."""
    for part in place:
        kinds: list[Any] = [keys.model_fields[str(part)].annotation] if str(part) in keys.model_fields else []
        while kinds and not (isinstance(kinds[0], type) and issubclass(kinds[0], BaseModel)):
            kinds += get_args(kinds.pop(0))
        keys = kinds[0] if kinds else keys
    return keys.model_fields
