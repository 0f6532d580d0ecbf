"""Which code made a release: the package's version and the hash of every file that decides a number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from pipelines.registry.home_rows import HomeRows, in_use, per_registry
from pipelines.settings import DBT_DIR, PROJECT_DIR

_CODE = (
    "pipelines/**/*.py",
    "expectations/**/*.py",
    "dbt_project/models/**/*.*",
    "dbt_project/macros/**/*.sql",
    "dbt_project/seeds/*.csv",
)
_NUMBERS = (
    "pipelines/readers/**/*.py",
    "pipelines/submissions/*.py",
    "pipelines/landing/landed_rows.py",
    "expectations/**/*.py",
    "dbt_project/models/**/*.*",
    "dbt_project/macros/**/*.sql",
)


def package_version() -> str:
    """The version of this package as installed."""
    try:
        return version("spm-pipelines")
    except PackageNotFoundError:
        return "0+unknown"


@cache
def code_sha256() -> str:
    """The hash of the code and the registry, by path and content."""
    return _hash_of(_CODE)


@cache
def numbers_sha256() -> str:
    """The hash of the code that decides a published number or finding: readers, models, checks."""
    return _hash_of(_NUMBERS)


@per_registry
def registry_sha256() -> str:
    """The hash of the registry alone: every seed, by name and content, and the rows of the home in use."""
    seeds = sorted((DBT_DIR / "seeds").glob("*.csv"))
    return registry_hash(((path.name, path.read_bytes()) for path in seeds), in_use())


def registry_hash(seeds: Iterable[tuple[str, bytes]], own: HomeRows | None) -> str:
    """The hash of seeds by name and content, in their order, and of the rows of a home."""
    digest = hashlib.sha256()
    for name, content in seeds:
        digest.update(name.encode() + b"\0" + content + b"\0")
    if own:
        digest.update(f"home\0{own.sha256}\0".encode())
    return digest.hexdigest()


def rules_sha256() -> str:
    """The hash of the rules, their numbers and the gate's checks."""
    digest = hashlib.sha256()
    for name in ("rules.csv", "rule_parameters.csv", "gate_checks.csv"):
        digest.update((DBT_DIR / "seeds" / name).read_bytes())
    return digest.hexdigest()


def _hash_of(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    found = {path for pattern in patterns for path in PROJECT_DIR.glob(pattern) if path.is_file()}
    for path in sorted(found):
        digest.update(path.relative_to(PROJECT_DIR).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
