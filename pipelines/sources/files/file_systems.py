"""The file system of a source: which one its path names, and the options and secrets it is opened with.

Put here: connecting. Keep out: what lies there (``fetching``), fetching it (``downloads``), SSH (``sftp``).
"""

from __future__ import annotations

import re
from typing import Any

import fsspec

from pipelines.messages import say
from pipelines.settings import secret
from pipelines.sources.files.spec import FileSource
from pipelines.sources.source import SourceUnavailable

SILENCE_SECONDS = 30
"""How long a server may send nothing."""
_LONGEST_ANSWER_SECONDS = 600
_ENV = "_env"
_FILE_OPTIONS = frozenset({"known_hosts", "key_filename"})
_TRUTH = {"true": True, "false": False}
_SECONDS = re.compile(r"timeout$")


def connect(spec: FileSource) -> Any:
    """The fsspec file system of the source; a second call with the same options gives the same one.

    Raises:
        SourceUnavailable: an environment variable that ``storage`` names is not set.
        Exception: whatever the backend says of an address that it cannot reach.
    """
    location, options = spec.location(None), storage_options(spec)
    if "://" not in spec.path:
        # a path of this machine is one whatever letters are in it: fsspec would read `::` as a chain
        return fsspec.filesystem("file", **options)
    scheme = location.partition("://")[0]
    if scheme in ("sftp", "ssh"):
        from pipelines.sources.files.sftp import VerifiedSFTP

        return VerifiedSFTP.of_address(location, options)
    if scheme in ("http", "https"):
        import aiohttp

        patience = aiohttp.ClientTimeout(
            total=_LONGEST_ANSWER_SECONDS, sock_connect=SILENCE_SECONDS, sock_read=SILENCE_SECONDS
        )
        options["client_kwargs"] = {"timeout": patience, **options.get("client_kwargs", {})}
        from pipelines.sources.files.web import FolderOfWeb, folder_of

        return FolderOfWeb(folder_of(location), **options)
    if scheme in ("s3", "s3a"):
        # tries are counted in `files`: botocore's own would multiply the wait for a server that is down
        once = {"retries": {"max_attempts": 0}}
        options["config_kwargs"] = once | options.get("config_kwargs", {})
    system, _ = fsspec.core.url_to_fs(location, **options)
    return system


def storage_options(spec: FileSource) -> dict[str, Any]:
    """The options of ``storage`` as the backend takes them: dotted names nested, secrets filled in.

    Raises:
        SourceUnavailable: an environment variable that is named is not set.
    """
    options: dict[str, Any] = {}
    for dotted, text in spec.storage.items():
        *outer, name = dotted.removesuffix(_ENV).split(".")
        inner = options
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[name] = _from_environment(spec, dotted) if dotted.endswith(_ENV) else _typed(spec, name, text)
    return options


def is_local(system: Any) -> bool:
    """Whether its files lie on this machine."""
    return "file" in _protocols(system)


def is_web(system: Any) -> bool:
    """Whether it speaks HTTP."""
    return "http" in _protocols(system)


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def _from_environment(spec: FileSource, option: str) -> str:
    variable = spec.storage[option]
    found = secret(variable)
    if not found:
        where = f"{spec.name}: storage.{option}"
        raise SourceUnavailable(say("source.no_variable", at=where, variable=variable))
    return found


def _typed(spec: FileSource, name: str, text: str) -> str | bool | float:
    if name in _FILE_OPTIONS:
        return str(spec.beside(text))
    if _SECONDS.search(name):
        return float(text)
    return _TRUTH.get(text.lower(), text)
