"""The registry in a test: a copy of its seeds with one fault, or rows that stay as they are.

Put here: copying and changing seeds. Keep out: what should come of it (the tests say).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from pipelines.registry.seeds import SEEDS

FROZEN = Path(__file__).parent / "fixtures" / "registry"
"""``methods.csv`` and ``bands.csv`` as tests know them: a new method of the registry changes no test."""


def copied(folder: Path) -> Path:
    """A copy of the seeds, with the methods and bands that tests know."""
    return Path(shutil.copytree(FROZEN, shutil.copytree(SEEDS, folder / "seeds"), dirs_exist_ok=True))


def seeds_with(folder: Path, seed: str, old: str, new: str) -> Path:
    """A copy of the seeds in which the first ``old`` of one seed reads ``new``."""
    seeds = copied(folder)
    path = seeds / f"{seed}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{seed}.csv has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return seeds


def appended(folder: Path, seed: str, *rows: str) -> Path:
    """A copy of the seeds with rows at the end of one of them."""
    seeds = copied(folder)
    with (seeds / f"{seed}.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)
    return seeds


def row_with(folder: Path, seed: str, start: str, old: str, new: str) -> Path:
    """A copy of the seeds in which the first row of a seed that begins with ``start`` reads otherwise."""
    seeds = copied(folder)
    path = seeds / f"{seed}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(start))
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new)
    path.write_text("".join(lines), encoding="utf-8")
    return seeds


def freeze_methods(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in a loaded registry the methods and bands that tests know, and no other."""
    for seed in ("bands", "methods"):
        connection.execute(f"delete from registry.{seed}")
        connection.execute(
            f"insert into registry.{seed} by name select * from read_csv(?, all_varchar = true)",
            [str(FROZEN / f"{seed}.csv")],
        )


def add_method(connection: duckdb.DuckDBPyConnection, version: str, **values: Any) -> None:
    """Add a method with its bands to a frozen registry: the one that is there, but for ``values``."""
    replaced = ", ".join(f"${name} as {name}" for name in values)
    connection.execute(
        f"insert into registry.methods select * replace ($version as method_version, {replaced})"
        " from registry.methods limit 1",
        {"version": version, **values},
    )
    connection.execute(
        "insert into registry.bands"
        " select distinct * replace ($version as method_version) from registry.bands",
        {"version": version},
    )
