"""Finding one region by what a person typed: a code, or a name with its many spellings.

Source: names of ``regions.csv``, ``region_aliases.csv``, ``ambiguous_bare_names.csv``.
Put here: the matching rules for one typed text (the command line).
Keep out: matching of whole submissions (dbt), region states (``regions``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipelines.errors import ConfigurationError
from pipelines.registry.regions import Region, all_states, current_code, regions_on, state_on
from pipelines.registry.seeds import SEEDS, read_seed

CODE = re.compile(r"[0-9][0-9.]*")
LEVEL_WORDS = {
    **dict.fromkeys(("kabupaten", "kab", "pemkab"), "regency"),
    **dict.fromkeys(("kota", "kotamadya", "kodya", "pemkot"), "city"),
    **dict.fromkeys(("provinsi", "propinsi", "prov", "pemprov"), "province"),
}
LONG_FORMS = {"kep": "kepulauan", "peg": "pegunungan"}


class RegionNotFoundError(ConfigurationError):
    """No region on that day has this code or name."""


class AmbiguousRegionError(ConfigurationError):
    """A name means more than one region; ``candidates`` are those, never one picked for the user."""

    def __init__(self, message: str, candidates: tuple[Region, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


class Name(NamedTuple):
    """A name as it is compared: its level (``None`` where no prefix says it) and its letters."""

    level: str | None
    letters: str

    def means(self, other: Name) -> bool:
        """Whether this typed name fits ``other``, a known one; without a prefix any level fits."""
        return self.letters == other.letters and self.level in (None, other.level)


def read_name(text: str) -> Name:
    """``Kab. Kep. Sula`` → regency, ``kepulauansula``: without case, prefix, spaces and punctuation."""
    words = _words(text)
    if words[:1] in (["pemerintah"], ["pemda"]):
        words = words[1:]
    if words[:1] == ["daerah"] and words[1:2] and words[1] in LEVEL_WORDS:
        words = words[1:]
    level = LEVEL_WORDS.get(words[0]) if len(words) > 1 else None
    if level:
        words = words[1:]
    return Name(level, "".join(words))


def find(code_or_name: str, day: date, folder: Path = SEEDS) -> Region:
    """The state on ``day`` of the region that a person means by a code or a name.

    Codes are Kemendagri codes with their dot; one of another time leads to the state of the day. A name is
    looked for among the names of the day, then the aliases, then the names the regions had at other times.

    Raises:
        AmbiguousRegionError: the name means several regions.
        RegionNotFoundError: nothing fits, or the region did not exist on ``day``.
    """
    text = code_or_name.strip()
    if CODE.fullmatch(text):
        return _by_code(text, day, folder)
    name = read_name(text)
    # "Kota Waringin Barat": what looks like a prefix may belong to the name
    for reading in (name, Name(None, "".join(_words(text)))):
        if reading.letters and (region := _by_name(text, reading, day, folder)):
            return region
    raise RegionNotFoundError(_not_found(text, name, day, folder))


def _words(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", text.casefold())
    return [LONG_FORMS.get(word, word) for word in words]


def _by_code(code: str, day: date, folder: Path) -> Region:
    region = state_on(code, day, folder)
    if region is None:
        raise RegionNotFoundError(
            f"tidak ada daerah dengan kode {code!r} pada {day}; "
            "tulis kode Kemendagri seperti 64.71, bukan kode BPS / "
            f"no region with the code {code!r} on {day}; "
            "write the Kemendagri code like 64.71, not the BPS code"
        )
    return region


def _by_name(text: str, name: Name, day: date, folder: Path) -> Region | None:
    listed = _ambiguous(folder).get(name.letters, ())
    if name.level is None and listed:
        return _listed_region(text, listed, day, folder)
    for codes in _matches(name, day, folder):
        found = {region.region_code: region for code in codes if (region := state_on(code, day, folder))}
        if len(found) > 1:
            raise _ambiguous_error(text, found.values())
        if found:
            return next(iter(found.values()))
    return None


def _matches(name: Name, day: date, folder: Path) -> Iterator[set[str]]:
    """Codes that fit the name, the surest kind of match first."""
    yield {s.region_code for s in regions_on(day, folder) if name.means(_state_name(s))}
    yield {code for code, alias in _aliases(folder) if name.means(alias)}
    if name.level:  # "Provinsi Yogyakarta": the prefix settles what the bare name leaves open
        listed = {code for code, _ in _ambiguous(folder).get(name.letters, ())}
        yield {
            s.region_code
            for s in regions_on(day, folder)
            if s.region_code in listed and s.level == name.level
        }
    yield {s.region_code for s in all_states(folder) if name.means(_state_name(s))}


def _listed_region(text: str, listed: tuple[tuple[str, date | None], ...], day: date, folder: Path) -> Region:
    """A province whose full name this is, once no other region holds the name; else a refusal."""
    held = [state_on(code, day, folder) for code, until in listed if until is None or day < until]
    if len(held) == 1 and held[0] and held[0].level == "province":
        return held[0]
    states = (state_on(code, day, folder) for code, _ in listed)
    raise _ambiguous_error(text, [state for state in states if state])


def _ambiguous_error(text: str, found: Iterable[Region]) -> AmbiguousRegionError:
    candidates = tuple(sorted(found, key=lambda region: region.region_code))
    names = ", ".join(f"{region.region_name} ({region.region_code})" for region in candidates)
    return AmbiguousRegionError(
        f"nama {text!r} dapat berarti beberapa daerah: {names}; tulis nama lengkap atau kodenya / "
        f"the name {text!r} may mean several regions: write the full name or the code",
        candidates,
    )


def _not_found(text: str, name: Name, day: date, folder: Path) -> str:
    known = {_state_name(region).letters: region for region in regions_on(day, folder)}
    near = [known[letters] for letters in difflib.get_close_matches(name.letters, known, n=3, cutoff=0.8)]
    names = ", ".join(f"{region.region_name} ({region.region_code})" for region in near)
    return (
        f"daerah {text!r} tidak dikenal pada {day}{f'; maksud Anda {names}?' if names else ''} / "
        f"no region is called {text!r} on {day}{f'; did you mean {names}?' if names else ''}"
    )


@lru_cache(maxsize=2048)
def _state_name(region: Region) -> Name:
    return Name(region.level, read_name(region.region_name).letters)


@lru_cache
def _aliases(folder: Path) -> tuple[tuple[str, Name], ...]:
    levels = {state.region_code: state.level for state in all_states(folder)}
    aliases = []
    for row in read_seed("region_aliases", folder):
        code, text = row.text("region_code"), row.text("alias")
        if code not in levels:
            raise row.error(f"alias {text!r} of an unknown region {code}")
        name = read_name(text)
        # "Kota Baru" is a regency: there the word is no prefix
        letters = name.letters if name.level in (None, levels[code]) else "".join(_words(text))
        aliases.append((current_code(code, folder), Name(levels[code], letters)))
    return tuple(aliases)


@lru_cache
def _ambiguous(folder: Path) -> dict[str, tuple[tuple[str, date | None], ...]]:
    """Letters of a bare name → (code, first day the region no longer holds the name)."""
    listed: dict[str, tuple[tuple[str, date | None], ...]] = {}
    for row in read_seed("ambiguous_bare_names", folder):
        letters = read_name(row.text("bare_name")).letters
        listed[letters] = (*listed.get(letters, ()), (row.text("region_code"), row.day("held_until")))
    return listed
