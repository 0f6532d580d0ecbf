"""Scoring methods: weights, policies and bands of each version, and which one scores a period.

Source: ``methods.csv``, ``bands.csv``. A *policy* is a point that the law text was not at hand for.
Put here: what a method says. Keep out: computing scores (dbt).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, RegistryError, SeedRow, read_seed


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

    def holds(self, index: Decimal | Fraction) -> bool:
        """Whether an exact index lies in the band; never ask with a rounded one."""
        return self.lower_bound <= index and (self.upper_bound is None or index < self.upper_bound)


@dataclass(frozen=True, slots=True)
class Method:
    """One version of the method. Weights are percents, ``min_completeness_to_rank`` is a ratio, 0 to 1.

    ``verified_by`` is ``None`` while nobody has compared the method with the text of the law.
    """

    method_version: str
    name_id: str
    name_en: str
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
    assumed_window_days: int
    verified_by: str | None
    note: str | None
    bands: tuple[Band, ...]
    """From the lowest to the highest."""

    def band_of(self, index: Decimal | Fraction) -> Band:
        """The band of an exact index.

        Raises:
            ValueError: the index is below every band.
        """
        for band in self.bands:
            if band.holds(index):
                return band
        raise ValueError(f"{self.method_version}: no band holds an index of {index}")


@lru_cache
def methods(folder: Path = SEEDS) -> tuple[Method, ...]:
    """Every version, in order of validity.

    Raises:
        RegistryError: a version is defined twice, its weights do not add up to 100, it has no bands, or two
            versions are in force in one period.
    """
    bands = _bands(folder)
    rows = sorted(read_seed("methods", folder), key=lambda row: row.text("valid_from_period"))
    found: list[Method] = []
    for row in rows:
        method = _method(row, bands.get(row.text("method_version"), ()))
        if method.weight_recipients_percent + method.weight_quality_percent != 100:
            raise row.error(f"{method.method_version}: the weights do not add up to 100")
        if not method.bands:
            raise row.error(f"{method.method_version} has no bands in bands.csv")
        if found and (found[-1].valid_to is None or method.valid_from <= found[-1].valid_to):
            raise row.error(f"{method.method_version} begins while {found[-1].method_version} is in force")
        found.append(method)
    return tuple(found)


def method_for(period: Period, folder: Path = SEEDS) -> Method:
    """The method that scores a period.

    Raises:
        MethodNotFoundError: none is in force (before 2019-Q1 there was no composite index).
    """
    for method in methods(folder):
        if method.valid_from <= period and (method.valid_to is None or period <= method.valid_to):
            return method
    raise MethodNotFoundError(f"methods.csv: no method is in force in {period}")


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
    ordered = {version: sorted(found, key=lambda band: band.lower_bound) for version, found in bands.items()}
    for version, found in ordered.items():
        ends = [band.upper_bound for band in found]
        if found[0].lower_bound != 0 or ends != [*[band.lower_bound for band in found[1:]], None]:
            raise RegistryError(f"bands.csv: the bands of {version} leave a gap or overlap")
    return {version: tuple(found) for version, found in ordered.items()}


def _method(row: SeedRow, bands: tuple[Band, ...]) -> Method:
    return Method(
        method_version=row.text("method_version"),
        name_id=row.text("name_id"),
        name_en=row.text("name_en"),
        legal_basis=row.text("legal_basis"),
        valid_from=row.parsed("valid_from_period", Period.parse),
        valid_to=row.parsed_or_none("valid_to_period", Period.parse),
        weight_recipients_percent=row.decimal("weight_recipients_percent"),
        weight_quality_percent=row.decimal("weight_quality_percent"),
        cap=row.boolean("cap"),
        quality_mean=row.choice("quality_mean", ("mean_of_items", "pooled")),
        zero_target=row.choice("zero_target", ("not_applicable", "full", "zero")),
        missing=row.choice("missing", ("zero", "exclude")),
        national_over=row.choice("national_over", ("reported", "expected")),
        min_completeness_to_rank=row.decimal("min_completeness_to_rank"),
        assumed_window_days=row.parsed("assumed_window_days", int),
        verified_by=row.optional("verified_by"),
        note=row.optional("note"),
        bands=bands,
    )
