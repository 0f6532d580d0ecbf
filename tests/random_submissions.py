"""Random submissions: input rows made to hurt a scorer, for a handful of regions.

Put here: rows as a region could really send them, drawn from values that break careless arithmetic, and
whole submissions of a known kind (ties by two paths, a hair below a bound, half of the services).
Keep out: what a score is (``second_scorer``); rows the pipeline sets aside before scoring (junk, duplicates,
two notations); one row is one submission's, so a region is never revised.

Every number is plain and none has exactly three decimals, so that no text reads two ways (``1.234``).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hypothesis import strategies as st

from pipelines.submissions.rows import COLUMNS

Row = dict[str, str]
Catalogue = dict[str, list[tuple[str, str]]]  # tier: (sector, service) in the order of the file

HANDFUL = (
    *("11", "32", "64", "73"),  # provinces
    *(
        "32.01",
        "32.04",
        "64.02",
        "64.08",
        "11.01",
        "11.06",
    ),  # Bogor, Bandung, Kutai Kartanegara, Kutai Timur, …
    *("32.73", "32.71", "64.71", "64.72", "11.71"),  # Kota Bandung, Bogor, Balikpapan, Samarinda, Banda Aceh
)
"""Regions of three levels, several of one province; all of them report from 2019 on."""

TARGETS = (
    *("0", "1", "2", "3", "7", "11", "97", "104729", "2147483647"),
    *("999999999", "1000000000", "0.1", "12.5", "33.3333", "tidak ada"),
)
QUALITY = ("goods_services", "personnel", "procedures")
MISSING = ("na", "", "-", "?")
TIES = ("tie_by_thirds", "tie_by_halves")
FREE_TEXT_ITEMS = ("Buku KIA", "Tenaga pendidik S1/D-IV", "Sarung tangan, sekali pakai", "Petugas Satpol PP")


def random_submissions(
    seed: int, period: str, registry_dir: Path, regions: Sequence[str] = HANDFUL
) -> list[Row]:
    """Rows of ``period`` for ``regions``: within a level the kinds of ``KINDS`` go round, as ``seed`` says.

    The same seed gives the same rows. A region of the kind ``silent`` sends nothing.
    """
    rng = random.Random(seed)
    kinds: dict[str, str] = {}
    for level in ("province", "regency", "city"):
        rest = [kind for kind in KINDS if kind not in TIES]
        order = [*TIES, *rng.sample(rest, len(rest))]  # a tie wherever a level has two regions
        mine = [code for code in regions if _level(code) == level]
        kinds |= {code: order[n % len(order)] for n, code in enumerate(rng.sample(mine, len(mine)))}
    return rows_of(rng, kinds, period, registry_dir)


@st.composite
def submissions(draw: st.DrawFn, period: str, registry_dir: Path) -> list[Row]:
    """Rows of ``period`` for one to six regions of ``HANDFUL``, each of a drawn kind; shrinks in regions."""
    one_kind = st.sampled_from(sorted(KINDS))
    kinds = draw(st.dictionaries(st.sampled_from(HANDFUL), one_kind, min_size=1, max_size=6))
    return rows_of(random.Random(draw(st.integers(0, 9999))), kinds, period, registry_dir)


def rows_of(rng: random.Random, kinds: dict[str, str], period: str, registry_dir: Path) -> list[Row]:
    """Rows of ``period`` in random order, for regions whose kind of submission is given."""
    catalogue = _catalogue(registry_dir, period)
    rows = [
        dict.fromkeys(COLUMNS, "") | {"region": code, "period": period} | row
        for code, kind in kinds.items()
        for row in KINDS[kind](rng, catalogue["province" if _level(code) == "province" else "regency_city"])
    ]
    rng.shuffle(rows)
    return rows


def _level(code: str) -> str:
    return "province" if len(code) == 2 else "city" if code[3] == "7" else "regency"


def _catalogue(registry_dir: Path, period: str) -> Catalogue:
    catalogue: Catalogue = {"province": [], "regency_city": []}
    with (registry_dir / "services.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["valid_from_period"] <= period <= (row["valid_to_period"] or "9999-Q4"):
                catalogue[row["tier"]].append((row["sector_code"], row["service_code"]))
    return catalogue


# --- one row ------------------------------------------------------------------------------------------------


def _value(service: tuple[str, str], component: str, item: str, target: str, realised: str) -> Row:
    return {
        "record": "achievement",
        "sector": service[0],
        "service": service[1],
        "component": component,
        "item": item,
        # what is counted is whole: a fraction is of something that measures
        "unit": "km" if "." in target + realised else "persons" if component == "recipients" else "units",
        "target": target,
        "realised": realised,
    }


def _simple(service: tuple[str, str], target: str, realised: str) -> Iterator[Row]:
    """Recipients and one quality item at the same ratio."""
    yield _value(service, "recipients", "", target, realised)
    yield _value(service, "goods_services", "Buku KIA", target, realised)


def _pair(rng: random.Random) -> tuple[str, str]:
    """Target and realised: mostly below the target, often at it, past it, at zero, or not there at all."""
    target = rng.choice(MISSING) if rng.random() < 0.03 else rng.choice(TARGETS)
    if target in MISSING or target == "tidak ada":
        return target, rng.choice([*MISSING, "0", "5"])
    whole = int(float(target))
    choices = ["0", target, str(whole + 1), str(2 * whole + 3), str(max(whole - 1, 0)), rng.choice(MISSING)]
    return target, rng.choice([*choices, *(str(rng.randint(0, whole)) for _ in range(6))])


# --- one submission -----------------------------------------------------------------------------------------


def _anything(rng: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
    """All or some services, whole sectors absent at times, 0 to 4 quality items each."""
    share = rng.choice([1.0, 1.0, 0.9, 0.6, 0.3])
    absent = {sector for sector, _ in services if rng.random() < 0.08}
    for service in services:
        if service[0] in absent or rng.random() > share:
            continue
        if rng.random() < 0.12:
            yield from _in_parts(rng, service)
        elif rng.random() > 0.04:  # at times quality items come without their recipients
            yield _value(service, "recipients", "", *_pair(rng))
        coded = f"{service[1]}.01"  # goods_services in the catalogue, for every service
        for item in rng.sample([*FREE_TEXT_ITEMS, coded], rng.randint(0, 4)):
            component = "goods_services" if item == coded else rng.choice(QUALITY)
            yield _value(service, component, item, *_pair(rng))


def _in_parts(rng: random.Random, service: tuple[str, str]) -> Iterator[Row]:
    """Recipients in two or three rows, of one unit or of two."""
    for part in rng.sample(["akses dasar", "akses aman", "akses lainnya"], rng.randint(2, 3)):
        row = _value(service, "recipients", part, *_pair(rng))
        # a fraction of a household would be refused (NUM-010)
        unit = "km" if row["unit"] == "km" else rng.choice(["households", "households", "persons"])
        yield row | {"unit": unit}


def _nearly(target: str, realised: str) -> Callable[[random.Random, list[tuple[str, str]]], Iterator[Row]]:
    """Every value at one ratio a hair below a bound."""

    def rows(_: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
        for service in services:
            yield from _simple(service, target, realised)

    return rows


def _tie(parts: Sequence[tuple[str, str]]) -> Callable[[random.Random, list[tuple[str, str]]], Iterator[Row]]:
    """Public works at the two ratios given, both as services and as quality items; all else complete."""

    def rows(_: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
        pair = [service for service in services if service[0] == "pekerjaan_umum"]
        for service in services:
            ratio = parts[pair.index(service)] if service in pair else ("7", "7")
            yield _value(service, "recipients", "", *ratio)
            for n, (target, realised) in enumerate(parts):
                yield _value(service, "personnel", FREE_TEXT_ITEMS[n], target, realised)

    return rows


def _half(extra: int) -> Callable[[random.Random, list[tuple[str, str]]], Iterator[Row]]:
    """Half of the services, rounded up, or ``extra`` more: about the completeness that a rank needs."""

    def rows(rng: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
        for service in rng.sample(services, (len(services) + 1) // 2 + extra):
            yield from _simple(service, "97", str(rng.randint(0, 97)))

    return rows


def _nobody_owed(rng: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
    for service in services:
        yield from _simple(service, rng.choice(["0", "tidak ada"]), rng.choice(["0", "", "-"]))


def _nothing_known(rng: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
    for service in services:
        yield from _simple(service, "7", rng.choice(MISSING))


def _published(count: int, total: str) -> Callable[[random.Random, list[tuple[str, str]]], Iterator[Row]]:
    """``count`` sector indexes; ``total`` is none, close (within 0.01 of the mean) or far."""

    def rows(rng: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
        sectors = list(dict.fromkeys(sector for sector, _ in services))
        cents = [rng.choice([10000, 9999, 8999, rng.randint(0, 10000)]) for _ in sectors][:count]
        for sector, value in zip(sectors, cents, strict=False):
            yield {
                "record": "published_index",
                "sector": sector,
                "unit": "percent",
                "realised": _cents(value),
            }
        mean = sum(cents) // count if cents else rng.randint(0, 10000)
        shown = {"close": mean, "far": (mean + 317) % 10001, "none": None}[total]
        if shown is not None:
            yield {"record": "published_index", "unit": "percent", "realised": _cents(shown)}

    return rows


def _cents(value: int) -> str:
    return f"{value // 100}.{value % 100:02}"


def _beside(rng: random.Random, services: list[tuple[str, str]]) -> Iterator[Row]:
    """A submission with a published total beside it, which only reconciles."""
    yield from _anything(rng, services)
    yield {"record": "published_index", "unit": "percent", "realised": "88.88"}


def _a_hair_published(_: random.Random, __: list[tuple[str, str]]) -> Iterator[Row]:
    yield {"record": "published_index", "unit": "percent", "realised": "99.9999999"}


KINDS: dict[str, Callable[[random.Random, list[tuple[str, str]]], Iterator[Row]]] = {
    "anything": _anything,
    "anything_else": _anything,
    "tie_by_thirds": _tie([("3", "1"), ("3", "2")]),
    "tie_by_halves": _tie([("2", "1"), ("999999998", "499999999")]),
    "a_hair_below_100": _nearly("1000000000", "999999999"),  # 99.9999999
    "a_hair_below_90": _nearly("10000000000", "8999999999"),  # 89.99999999
    "complete": _nearly("12.5", "13"),
    "half": _half(0),
    "under_half": _half(-1),
    "nobody_owed": _nobody_owed,
    "nothing_known": _nothing_known,
    "published_parts": _published(6, "none"),
    "published_parts_and_total": _published(6, "close"),
    "published_disagreeing": _published(6, "far"),
    "published_total": _published(0, "far"),
    "published_five_parts": _published(5, "none"),
    "published_a_hair_below_100": _a_hair_published,
    "published_beside": _beside,
    "silent": lambda _, __: iter(()),
}
"""Kinds of submission by name: each gives a region's rows from a random source and the services owed."""
