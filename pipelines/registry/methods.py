"""Scoring methods: weights, policies and bands of each version, and which one scores a period.

Source: ``methods.csv``, ``bands.csv``. A *policy* is a point that the law text was not at hand for.
Put here: what a method says. Keep out: computing scores (dbt).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.registry.home_rows import per_registry
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, SeedRow, read_seed


class MethodNotFoundError(ConfigurationError):
    """No method scores the period."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band: ``lower_bound <= index < upper_bound``, index 0 to 100. The top band has no upper bound."""

    band_code: str
    name_id: str
    name_en: str
    lower_bound: Decimal
    upper_bound: Decimal | None


@dataclass(frozen=True, slots=True)
class Method:
    """One version of the method. Weights are percents, ``min_completeness_to_rank`` is a ratio, 0 to 1.

    One that is not official is a draft, and serves what-ifs alone. ``verified_by`` is ``None`` while nobody
    has compared the method with the text of the law.
    """

    method_version: str
    name_id: str
    name_en: str
    is_official: bool
    legal_basis: str
    valid_from: Period
    valid_to: Period | None
    weight_recipients_percent: Decimal
    weight_quality_percent: Decimal
    cap: bool
    quality_mean: str
    zero_target: str
    missing: str
    national_over: str
    min_completeness_to_rank: Decimal
    recipients_pool: str
    missing_item: str
    roster: str
    min_coverage_for_band: Decimal
    assumed_window_days: int
    verified_by: str | None
    note: str | None
    bands: tuple[Band, ...]
    """From the lowest to the highest."""

    def scores(self, period: Period) -> bool:
        """Whether ``period`` lies in its validity."""
        return self.valid_from <= period and (self.valid_to is None or period <= self.valid_to)


@per_registry
def methods(folder: Path = SEEDS) -> tuple[Method, ...]:
    """Every version, drafts among them, in order of validity.

    Raises:
        RegistryError: a method or its bands are not in order.
    """
    bands = _bands(folder)
    rows = sorted(read_seed("methods", folder), key=lambda row: row.text("valid_from_period"))
    return tuple(_method(row, bands[row.text("method_version")]) for row in rows)


def official_methods(folder: Path = SEEDS) -> tuple[Method, ...]:
    """The versions that score periods; each period is scored by one of them at most."""
    return tuple(method for method in methods(folder) if method.is_official)


def method_for(period: Period, folder: Path = SEEDS) -> Method:
    """The method that scores a period.

    Raises:
        MethodNotFoundError: none is in force (before 2019-Q1 there was no composite index).
    """
    for method in official_methods(folder):
        if method.scores(period):
            return method
    raise MethodNotFoundError(f"methods.csv: no method is in force in {period}")


def policies_of(period: Period, folder: Path = SEEDS) -> Method:
    """The method whose roster and assumed window hold in a period; before the first one, the first."""
    try:
        return method_for(period, folder)
    except MethodNotFoundError:
        return official_methods(folder)[0]


def unverified_methods(periods: Iterable[Period], folder: Path = SEEDS) -> list[str]:
    """The versions that score ``periods`` and that nobody has compared with the text of the law."""
    return [
        method.method_version
        for method in official_methods(folder)
        if method.verified_by is None and any(method.scores(period) for period in periods)
    ]


def _bands(folder: Path) -> dict[str, tuple[Band, ...]]:
    bands: dict[str, list[Band]] = {}
    for row in read_seed("bands", folder):
        band = Band(
            band_code=row.text("band_code"),
            name_id=row.text("name_id"),
            name_en=row.text("name_en"),
            lower_bound=row.decimal("lower_bound"),
            upper_bound=row.parsed_or_none("upper_bound", Decimal),
        )
        bands.setdefault(row.text("method_version"), []).append(band)
    return {
        version: tuple(sorted(found, key=lambda band: band.lower_bound)) for version, found in bands.items()
    }


def _method(row: SeedRow, bands: tuple[Band, ...]) -> Method:
    return Method(
        method_version=row.text("method_version"),
        name_id=row.text("name_id"),
        name_en=row.text("name_en"),
        is_official=row.text("status") == "official",
        legal_basis=row.text("legal_basis"),
        valid_from=row.parsed("valid_from_period", Period.parse),
        valid_to=row.parsed_or_none("valid_to_period", Period.parse),
        weight_recipients_percent=row.decimal("weight_recipients_percent"),
        weight_quality_percent=row.decimal("weight_quality_percent"),
        cap=row.boolean("cap"),
        quality_mean=row.text("quality_mean"),
        zero_target=row.text("zero_target"),
        missing=row.text("missing"),
        national_over=row.text("national_over"),
        min_completeness_to_rank=row.decimal("min_completeness_to_rank"),
        recipients_pool=row.text("recipients_pool"),
        missing_item=row.text("missing_item"),
        roster=row.text("roster"),
        min_coverage_for_band=row.decimal("min_coverage_for_band"),
        assumed_window_days=row.parsed("assumed_window_days", int),
        verified_by=row.optional("verified_by"),
        note=row.optional("note"),
        bands=bands,
    )
