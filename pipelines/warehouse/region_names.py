"""Finding one region by what a person typed: a code, or a name with its many spellings.

A name is read as in a submission: by the SQL function ``region_name_key`` and the table
``int_regions__names`` of the registry file.

Put here: one typed text. Keep out: whole submissions and the rules of matching (dbt), region states
(``registry.regions``).
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import duckdb

from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.registry.regions import Region, state_on
from pipelines.settings import read_settings
from pipelines.warehouse import registry_file
from pipelines.warehouse.parquet import quoted

CODE = re.compile(r"[0-9][0-9.]*")

_MEANT = """
    select current_region_code
    from intermediate.int_regions__names
    where name_key = region_name_key({text}) and (held_until is null or held_until > {day})
    order by current_region_code
"""
_LIKE_IT = """
    select region_name || ' (' || region_code || ')'
    from intermediate.int_regions__states
    where (valid_from is null or valid_from <= {day}) and (valid_to is null or valid_to > {day})
        and region_name_likeness(region_name, {text}) >= 0.9
    order by region_name_likeness(region_name, {text}) desc, region_code
    limit 3
"""


class RegionNotFoundError(ConfigurationError):
    """No region on that day has this code or name."""


class AmbiguousRegionError(ConfigurationError):
    """A name means more than one region; ``candidates`` are those, never one picked for the user."""

    def __init__(self, message: str, candidates: tuple[Region, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


def find(code_or_name: str, day: date) -> Region:
    """The state on ``day`` of the region that a person means by a code or a name.

    Codes are Kemendagri codes with their dot; a code or a name of another time leads to the state of the day.

    Raises:
        AmbiguousRegionError: the name means several regions.
        RegionNotFoundError: nothing fits, or the region did not exist on ``day``.
    """
    text = code_or_name.strip()
    if CODE.fullmatch(text):
        return _by_code(text, day)
    codes = _asked(_MEANT, text, day)
    states = sorted(filter(None, (state_on(code, day) for code in codes)), key=lambda one: one.region_code)
    if len(codes) > 1:
        names = ", ".join(f"{region.region_name} ({region.region_code})" for region in states)
        raise AmbiguousRegionError(say("region.ambiguous", text=repr(text), names=names), tuple(states))
    if not states:
        near = ", ".join(_asked(_LIKE_IT, text, day))
        if near:
            raise RegionNotFoundError(say("region.unknown_but_near", text=repr(text), day=day, names=near))
        raise RegionNotFoundError(say("region.unknown", text=repr(text), day=day))
    return states[0]


def _by_code(code: str, day: date) -> Region:
    region = state_on(code, day)
    if region is None:
        raise RegionNotFoundError(say("region.unknown_code", code=repr(code), day=day))
    return region


def _asked(sql: str, text: str, day: date) -> list[str]:
    # a value that DuckDB is given as a parameter makes it import pandas, a third of a second
    query = sql.format(text=quoted(text), day=f"date '{day}'")
    return [found for (found,) in _registry().execute(query).fetchall()]


@cache
def _registry() -> duckdb.DuckDBPyConnection:
    path = registry_file.place()
    if not path.exists():  # a seed or a macro was changed since `make setup`
        settings = read_settings()
        registry_file.ensure(settings.threads, settings.memory_limit)
    return duckdb.connect(str(path), read_only=True)
