"""The seed tables as Python reads them: the CSV files of ``dbt_project/seeds``, the one registry.

No reader gets a row of a seed that breaks a law: not Python, which reads by ``read_seed``, and not dbt, whose
registry file is made after ``check_registry``.

Put here: reading a seed that is in order. Keep out: the laws (the YAML beside a seed, ``laws``), what a table
means (a module each).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.laws import broken_laws
from pipelines.registry.seed_columns import checked_rows
from pipelines.registry.seed_files import SEEDS, RegistryError, SeedRow

__all__ = ["SEEDS", "RegistryError", "SeedRow", "check_registry", "read_seed"]

MOST_FAULTS = 20


def read_seed(name: str, folder: Path = SEEDS) -> Iterator[SeedRow]:
    """The rows of ``<folder>/<name>.csv`` in file order.

    Raises:
        RegistryError: the seed, or one that its laws look at, is not in order.
    """
    return iter(_lawful_rows(name, folder))


def check_registry(folder: Path = SEEDS) -> None:
    """See that every seed of the registry is in order.

    Raises:
        RegistryError: a line for each fault.
    """
    faults: dict[str, None] = {}
    for name in sorted(path.stem.removeprefix("_") for path in SEEDS.glob("_*.yml")):
        try:
            _lawful_rows(name, folder)
        except RegistryError as error:
            faults.update(dict.fromkeys(str(error).splitlines()))
    if faults:
        raise RegistryError(_listed(list(faults)))


@per_registry
def _lawful_rows(name: str, folder: Path) -> tuple[SeedRow, ...]:
    rows = checked_rows(name, folder)
    if faults := list(broken_laws(name, lambda other: checked_rows(other, folder))):
        raise RegistryError(_listed(faults))
    return rows


def _listed(faults: list[str]) -> str:
    more = [f"and {len(faults) - MOST_FAULTS} faults more"] if len(faults) > MOST_FAULTS else []
    return "\n".join([*faults[:MOST_FAULTS], *more])
