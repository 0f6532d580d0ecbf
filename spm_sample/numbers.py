"""Believable values of one region and year: what is owed, and how far it gets quarter by quarter.

Source: none; shares of the population are rough and made up for the sample, no statistic of a real region.

Put here: arrays of numbers. Keep out: rows and texts (``rows``), errors (``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.registry import catalogue
from spm_sample.draws import chance, generator

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

POPULATION = {"province": (4_500_000, 0.8), "regency": (400_000, 0.7), "city": (260_000, 0.8)}
"""Median and spread (sigma of the logarithm) of inhabitants by level."""

PER_100_000 = {
    **{"K-PEND-01": 3400, "K-PEND-02": 15500, "K-PEND-03": 420},
    **{"K-KES-01": 1900, "K-KES-02": 1800, "K-KES-03": 1700, "K-KES-04": 7800, "K-KES-05": 16000},
    **{"K-KES-06": 62000, "K-KES-07": 10500, "K-KES-08": 24000, "K-KES-09": 2100, "K-KES-10": 160},
    **{"K-KES-11": 900, "K-KES-12": 1900, "K-PU-01": 26000, "K-PU-02": 25500},
    **{"K-PERA-01": 15, "K-PERA-02": 6, "K-TRAN-01": 40, "K-TRAN-02": 9000, "K-TRAN-03": 2500},
    **{"K-TRAN-04": 30, "K-TRAN-05": 12, "K-SOS-01": 25, "K-SOS-02": 20, "K-SOS-03": 60},
    **{"K-SOS-04": 8, "K-SOS-05": 120},
    **{"P-PEND-01": 4900, "P-PEND-02": 60, "P-KES-01": 80, "P-KES-02": 50, "P-PU-01": 0.1, "P-PU-02": 0.08},
    **{"P-PERA-01": 4, "P-PERA-02": 2, "P-TRAN-01": 10, "P-SOS-01": 6, "P-SOS-02": 5, "P-SOS-03": 7},
    **{"P-SOS-04": 4, "P-SOS-05": 50},
}
"""Recipients per 100,000 inhabitants; a service not named here takes 100."""

OFTEN_NOBODY = frozenset({"K-PERA-01", "K-PERA-02", "P-PERA-01", "P-PERA-02"})
"""Services of disaster and relocation: in some regions nobody is owed them."""

COMPONENTS = ("goods_services", "personnel", "procedures")
RUPIAH_PER_HEAD = (310_000, 190_000, 85_000, 9_000, 24_000, 17_000)
STAGES_BY_QUARTER = ((70, 100, 100, 100), (50, 92, 100, 100), (35, 80, 100, 100), (12, 42, 72, 97))


@dataclass(frozen=True, slots=True)
class YearNumbers:
    """Numbers of a region in a year: S services of its tier in catalogue order, I items each, 6 sectors.

    ``targets`` (S), ``item_targets`` (S, I) in their units, ``budgets`` (6) in rupiah; ``*shares`` are what
    is reached of them at the end of the year (0 to 1); ``progress`` (S, 5) and ``budget_progress`` (6, 5)
    are parts of that (0 to 1) after 0 to 4 quarters; ``stages`` (6, 4 stages, 4 quarters) in percent.
    """

    services: tuple[str, ...]
    targets: Whole
    shares: Real
    item_targets: Whole
    item_shares: Real
    progress: Real
    budgets: Whole
    budget_shares: Real
    budget_progress: Real
    stages: Real

    def realised(self, quarter: int, early: bool = False) -> tuple[Whole, Whole]:
        """Cumulative recipients (S) and items (S, I) at the end of a quarter, or ``early`` in it."""
        part = self.progress[:, quarter]
        if early:
            part = 0.25 * self.progress[:, quarter - 1] + 0.75 * part
        return (
            np.floor(self.targets * self.shares * part).astype(np.int64),
            np.floor(self.item_targets * self.item_shares * part[:, None]).astype(np.int64),
        )

    def spent(self, quarter: int) -> Whole:
        """Rupiah spent by sector (6) since January, in whole thousands."""
        spent = self.budgets * self.budget_shares * self.budget_progress[:, quarter]
        return np.floor(spent / 1000).astype(np.int64) * 1000


def year_numbers(seed: int, region: str, level: str, year: int, components: NDArray[np.int8]) -> YearNumbers:
    """The numbers of a region (its current code) in a year.

    ``components`` (S, I) are indexes into ``COMPONENTS``, for the services of the tier in catalogue order.
    """
    lasting, yearly = generator(seed, region), generator(seed, region, year)
    services = tier_services(level)
    count, items = components.shape
    targets = _targets(lasting, yearly, services, level)
    item_targets = _item_targets(lasting, targets, components)
    # one region in twelve reaches everything: ties at 100 are real
    is_full = chance(seed, region, year, "full") < 1 / 12
    best = lasting.uniform(0.66, 0.97)
    shares = np.clip(best + yearly.normal(0, 0.08, count), 0.55, 1)
    item_shares = np.clip(best + yearly.normal(0, 0.12, (count, items)), 0.3, 1)
    heads = targets.sum() * (0.9 if level == "province" else 0.5)
    budgets = np.array(RUPIAH_PER_HEAD) * heads * lasting.lognormal(0, 0.3, 6) * yearly.uniform(0.95, 1.1)
    return YearNumbers(
        services=services,
        targets=targets,
        shares=np.ones(count) if is_full else shares,
        item_targets=item_targets,
        item_shares=np.ones((count, items)) if is_full else item_shares,
        progress=_progress(yearly, count),
        budgets=np.maximum(np.floor(budgets / 1e6), 50).astype(np.int64) * 1_000_000,
        budget_shares=yearly.uniform(0.7, 0.99, 6),
        budget_progress=_progress(yearly, 6),
        stages=_stages(yearly),
    )


def tier_services(level: str) -> tuple[str, ...]:
    """Codes of every service of the level's tier, of every time, in catalogue order."""
    tier = "province" if level == "province" else "regency_city"
    return tuple(service.service_code for service in catalogue.services() if service.tier == tier)


def _targets(
    lasting: np.random.Generator, yearly: np.random.Generator, services: tuple[str, ...], level: str
) -> Whole:
    median, sigma = POPULATION[level]
    inhabitants = np.clip(lasting.lognormal(np.log(median), sigma), 20_000, 52_000_000)
    rates = np.array([PER_100_000.get(code, 100) for code in services]) / 100_000
    own = lasting.lognormal(0, 0.15, len(services))
    nobody = np.array([code in OFTEN_NOBODY for code in services]) & (lasting.random(len(services)) < 0.3)
    change = 1 + yearly.normal(0.005, 0.015, len(services))
    owed = np.maximum(np.rint(inhabitants * rates * own * change), 1)
    return np.where(nobody, 0, owed).astype(np.int64)


def _item_targets(lasting: np.random.Generator, targets: Whole, components: NDArray[np.int8]) -> Whole:
    people = targets[:, None].astype(float)
    shape = components.shape
    goods = people * lasting.uniform(0.02, 1, shape)
    staff = people / lasting.uniform(40, 600, shape)
    papers = lasting.integers(1, 13, shape)
    needed = np.select([components == 0, components == 1], [goods, staff], papers)
    return np.where(people > 0, np.maximum(np.ceil(needed), 1), 0).astype(np.int64)


def _progress(yearly: np.random.Generator, count: int) -> Real:
    """Parts of the year's result after 0 to 4 quarters (count, 5): growing, and all of it at the end."""
    steps = np.array([0.22, 0.25, 0.28, 0.25]) * yearly.uniform(0.7, 1.3, (count, 4))
    parts = np.cumsum(steps, axis=1) / steps.sum(axis=1, keepdims=True)
    parts[:, 3] = 1
    return np.hstack([np.zeros((count, 1)), parts])


def _stages(yearly: np.random.Generator) -> Real:
    usual = np.array(STAGES_BY_QUARTER, dtype=float)[None, :, :]
    drawn = np.clip(usual - yearly.uniform(-2, 12, (6, 4, 4)), 0, 100)
    rounded: Real = np.maximum.accumulate(drawn, axis=2).round(1)
    return rounded
