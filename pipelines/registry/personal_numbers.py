"""Numbers of persons in a text: where they stand, and what each is the number of.

A number is judged by its length and digits, by how it is parted, by what it is a part of, and by the word
before it. Sources: UU 23/2006 (identity numbers: region, day of birth, serial), PMK 112/2022 (tax numbers),
Perka BKN 22/2007 (civil servants), Permenkominfo 14/2018 (telephone numbers).

Put here: telling a number of a person from a figure, a code or a date. Keep out: masking (``personal_data``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from pipelines.registry.regions import all_states

_NUMBER = re.compile(r"[0-9](?:[\s.,_/()\[\]~'\":;|*+=#-]{0,8}[0-9])*")
"""Digits and what people put between them; a bracket and a plus begin a number, too."""
_RUN = re.compile(r"[0-9]+")
_SHORTEST, _LONGEST, _MOST_GROUPS = 8, 22, 7
_BEFORE = 48
"""So many letters before a number are looked at for a word that says what it is."""
_NO_NUMBER = re.compile(
    # hashes and identifiers; a short one, as documents are named by, has letters and digits in turn
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32}"
    r"|(?:[0-9]{1,7}[a-f]{1,4}){2,8}[0-9]{0,7}|(?:[a-f]{1,4}[0-9]{1,7}){2,8}[a-f]{0,4})(?![0-9A-Za-z])"
)

_WORDS = {
    "identity": r"nik|e-?ktp|ktp|(?:nomor )?induk kependudukan|no(?:mor|\.)? ?induk|no(?:mor|\.)? ?identitas"
    r"|id ?card",
    "family": r"(?:no(?:mor|\.)? ?)?kk|k\.k\.?|nokk|kartu keluarga|family card",
    "tax": r"npwp[0-9]{0,2}|nitku|(?:nomor )?pokok wajib pajak|tax id|tin",
    "insurance": r"bpjs|jkn|kis|kartu indonesia sehat|jamkesmas|kpj|noka|jaminan kesehatan",
    "servant": r"nip|(?:nomor )?induk pegawai|nippppk|nrp|nuptk",
    "account": r"rek|norek|rekening|bank|bri|bni|bca|btn|bsi|bpd|mandiri|danamon|cimb|permata|giro|tabungan"
    r"|simpeda|virtual account|va|a/c|acc(?:ount)?(?: no)?",
    "telephone": r"hp|h\.p\.?|nohp|wa|w\.a\.?|whats ?app|telp|tel|tlp|telepon|telpon|telephone|phone|ponsel"
    r"|seluler|mobile|handphone|hubungi|kontak|contact|call(?: center)?|sms|cp|c\.p\.?|fax|faks|faksimile",
}
_GAP = r"(?![A-Za-z])[^0-9]{0,24}"
_SAID = {
    name: re.compile(rf"(?<![A-Za-z])(?:{words}){_GAP}$", re.IGNORECASE) for name, words in _WORDS.items()
}
_CODE_OF_BUDGET = re.compile(r"kode\s+(?:akun|rekening|rek|belanja|kegiatan|sub)[^0-9]{0,24}$", re.IGNORECASE)
_RUPIAH = re.compile(r"(?:rp|idr|rupiah|usd|\$)\.?\s{0,2}[(+-]?$", re.IGNORECASE)

_DAY = r"(?:0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])"
_IDENTITY = re.compile(rf"[0-9]{{6}}{_DAY}(?:0[1-9]|1[0-2])[0-9]{{2}}(?!0000)[0-9]{{4}}")
"""Of a woman the day of birth is 40 more."""
_SERVANT = re.compile(
    r"(?:19[3-9][0-9]|200[0-9]|201[0-2])(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:19[6-9][0-9]|20[0-4][0-9])(?:0[1-9]|1[0-2]|2[0-9])[0-9]{4}"
)
_MOBILE = re.compile(r"(?:0|62|620|0062)8[1235789][0-9]{7,10}")
_MOBILE_SAID = re.compile(r"(?:0|62|620|0062)?8[0-9]{8,11}")
_LAND_LINE = re.compile(r"0(?:2[124]|31|61|[2-79][0-9]{2})[0-9]{5,8}")
_BIG_CITIES = ("021", "022", "024", "031", "061")
_TAX_GROUPS = (2, 3, 3, 1, 3, 3)
_MADE_UP = "99"
"""No province has this number: made-up persons do."""


@lru_cache
def _provinces() -> frozenset[str]:
    return frozenset(state.region_code[:2] for state in all_states()) | {_MADE_UP}


@lru_cache
def _regencies() -> frozenset[str]:
    """The regencies and cities of all times, as identity numbers begin."""
    codes = {state.region_code for state in all_states() if "." in state.region_code}
    return frozenset(code.replace(".", "") for code in codes)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Some runs of digits one after the other: what stands between, around and before them.

    ``said`` are the words of ``_WORDS`` shortly before it; ``is_first``: no number stands before it.
    """

    digits: str
    groups: tuple[int, ...]
    inner: tuple[str, ...]
    left: str
    right: str
    before: str
    said: frozenset[str]
    is_first: bool

    @property
    def size(self) -> int:
        """How many digits it has."""
        return len(self.digits)

    @property
    def has_plus(self) -> bool:
        """Whether it begins with the sign of a country's number."""
        return self.before.rstrip("( ").endswith("+")

    @property
    def is_joined(self) -> bool:
        """Whether it is a part of a longer number or code: another stands at it without a blank."""
        return _joins(self.left) or _joins(self.right)

    @property
    def is_part(self) -> bool:
        """The same, where a long number by itself may stand in a name: 64.71_6471…, but not 0.6471…"""
        if len(self.groups) > 1:
            return self.is_joined
        return self.left.strip() in (".", ",") and bool(self.left)

    @property
    def is_amount(self) -> bool:
        """Whether it is an amount of money, or written as one: 3.273.010.101.900.001."""
        if _RUPIAH.search(self.before):
            return True
        first, *others = self.groups
        is_in_thousands = bool(others) and first <= 3 and set(others) == {3} and self.digits[0] != "0"
        return is_in_thousands and len(set(self.inner)) == 1 and self.inner[0] in (".", ",", " ", "'")

    @property
    def is_parted_well(self) -> bool:
        """Whether it is in few groups, or in equal ones, as people part a long number."""
        return len(self.groups) <= _MOST_GROUPS or len(set(self.groups[:-1])) == 1

    @property
    def begins_with_date(self) -> bool:
        """Whether its first groups are a date."""
        if len(self.groups) < 3 or max(self.groups[:2]) > 2 or self.groups[2] != 4:
            return False
        return self.digits[sum(self.groups[:2]) :][:2] in ("19", "20")

    @property
    def has_year(self) -> bool:
        """Whether one of its groups is a year, as numbers of letters have."""
        at = 0
        for size in self.groups:
            if size == 4 and self.digits[at : at + 2] in ("19", "20"):
                return True
            at += size
        return False


def _joins(sign: str) -> bool:
    return bool(sign) and not sign.isspace() and sign.strip() in (".", ",", "/", "_", "-")


def numbers_of_persons(text: str) -> Iterator[tuple[int, int, str]]:
    """Where in a text (``letters.as_seen``) a number of a person stands, and its kind."""
    others: list[tuple[int, int]] | None = None
    for number in _NUMBER.finditer(text):
        if number.end() - number.start() < _SHORTEST:
            continue
        if others is None:
            others = [found.span() for found in _NO_NUMBER.finditer(text)]
        if any(start <= number.start() < end for start, end in others):
            continue
        runs = [run.span() for run in _RUN.finditer(text, number.start(), number.end())]
        if text.startswith("-Q", number.end()):  # the year of a quarter
            runs.pop()
        first = 0
        while first < len(runs):
            kind, last = _longest_at(text, runs, first)
            if kind is None:
                first += 1
                continue
            yield _start(text, runs[first][0], runs[last][1]), runs[last][1], kind
            first = last + 1


def _start(text: str, start: int, end: int) -> int:
    """Where a number begins with its + or bracket."""
    while start and (text[start - 1] == "+" or (text[start - 1] == "(" and ")" in text[start:end])):
        start -= 1
    return start


def _longest_at(text: str, runs: Sequence[tuple[int, int]], first: int) -> tuple[str | None, int]:
    """The kind of the longest number of a person that begins with the run ``first``, and its last run."""
    found: tuple[str | None, int] = (None, first)
    before = text[max(0, runs[first][0] - _BEFORE) : runs[first][0]]
    said = _said(before)
    starts_as_telephone = text[runs[first][0]] in "068"
    # digit by digit a number is written by itself alone
    is_all = first == 0 and len(runs) <= _LONGEST
    digits = ""
    for last in range(first, min(len(runs), first + (_LONGEST if said or is_all else _MOST_GROUPS))):
        digits += text[runs[last][0] : runs[last][1]]
        if len(digits) > _LONGEST:
            break
        if len(digits) < _SHORTEST or not (said or starts_as_telephone or len(digits) in (15, 16, 18)):
            continue
        own = runs[first : last + 1]
        candidate = _Candidate(
            digits,
            tuple(end - start for start, end in own),
            tuple(text[end:start] for (_, end), (start, _) in pairwise(own)),
            text[runs[first - 1][1] : runs[first][0]] if first else "",
            text[runs[last][1] : runs[last + 1][0]] if last + 1 < len(runs) else "",
            before,
            said,
            first == 0,
        )
        kind = next((kind for kind, is_of in _TESTS if is_of(candidate)), None)
        if kind is not None:
            found = kind, last
    return found


@lru_cache(maxsize=4096)
def _said(before: str) -> frozenset[str]:
    """The words before a number that say what it is; another number ends their reach."""
    near = re.split("[0-9]", before)[-1] if "npwp" not in before.lower() else before
    if not any(letter.isalpha() for letter in near):
        return frozenset()
    return frozenset(name for name, word in _SAID.items() if word.search(before))


def _is_tax(found: _Candidate) -> bool:
    if found.size == sum(_TAX_GROUPS) and found.groups == _TAX_GROUPS and not found.is_joined:
        return True
    if 15 <= found.size <= _LONGEST and "tax" in found.said:
        return True
    # the new numbers of firms and offices: 0 and the fifteen digits of before
    is_new = found.size == 16 and found.digits[0] == "0" and found.digits[1:4] != "000"
    return is_new and len(found.groups) == 1 and not found.is_joined and not found.is_amount


def _is_family(found: _Candidate) -> bool:
    return 14 <= found.size <= 17 and "family" in found.said and not found.begins_with_date


def _is_called_identity(found: _Candidate) -> bool:
    return 14 <= found.size <= 17 and "identity" in found.said and not found.begins_with_date


def _is_identity(found: _Candidate) -> bool:
    if found.size != 16 or found.is_part or found.is_amount or not found.is_parted_well:
        return False
    if len(set(found.digits)) < 3 or found.digits[:2] not in _provinces():
        return False
    is_of_day = _IDENTITY.fullmatch(found.digits) is not None
    if len(found.groups) == 1:
        return is_of_day or not found.digits.endswith("000")
    # four counts in a row are none
    is_of_region = found.digits[:4] in _regencies() or found.digits[:2] == _MADE_UP
    return is_of_day and is_of_region and not (found.left or found.right)


def _is_servant(found: _Candidate) -> bool:
    if found.size == 18 and not found.is_part and _SERVANT.fullmatch(found.digits):
        return True
    return 8 <= found.size <= 18 and "servant" in found.said and not found.begins_with_date


def _is_insurance(found: _Candidate) -> bool:
    if found.is_amount or found.begins_with_date:
        return False
    if found.size in (11, 13) and "insurance" in found.said and found.is_parted_well:
        return True
    is_own = found.size == 13 and found.digits[:3] == "000" and found.digits[3:].strip("0") != ""
    return is_own and min(found.groups) >= 3 and not found.is_joined


def _is_account(found: _Candidate) -> bool:
    if "account" not in found.said or found.size > 18 or _CODE_OF_BUDGET.search(found.before):
        return False
    # codes of accounts of the budget: 5.1.02.01.01.0024
    is_code = len(found.groups) >= 5 and set(found.inner) == {"."}
    return not (is_code or found.is_amount or found.begins_with_date or found.has_year)


def _is_mobile(found: _Candidate) -> bool:
    if found.begins_with_date or (found.has_year and "/" in found.inner):
        return False
    # times are parted so, in pairs
    if {sign.strip() for sign in found.inner} & {":", ";", "="} and min(found.groups) < 3:
        return False
    if "telephone" in found.said and _MOBILE_SAID.fullmatch(found.digits):
        return not _RUPIAH.search(found.before)
    if not _MOBILE.fullmatch(found.digits) or (found.is_amount and not found.has_plus):
        return False
    # in a row of small numbers there is none, nor behind the dot of a number
    is_alone = found.is_first or found.has_plus or min(found.groups) >= 3
    is_after = not _joins(found.left) or found.left.strip() in (",", "/") or len(found.groups) == 1
    is_before = not _joins(found.right) or found.right.strip() in (",", "/", "-") or len(found.groups) == 1
    is_alone = (is_alone or len(found.groups) == 1) and not (len(found.groups) == 1 and found.is_part)
    return is_alone and is_after and is_before and (found.is_parted_well or len(set(found.inner)) == 1)


def _is_land_line(found: _Candidate) -> bool:
    has_country = found.digits[:2] == "62"
    digits = "0" + found.digits[2:].removeprefix("0") if has_country else found.digits
    if not _LAND_LINE.fullmatch(digits) or found.begins_with_date or found.is_amount or found.is_joined:
        return False
    if "telephone" in found.said:
        return len(found.groups) <= 5
    if has_country:
        return found.has_plus
    if not 2 <= len(found.groups) <= 4 or "/" in found.inner or found.has_year:
        return False
    area, others = digits[: found.groups[0]], found.groups[1:]
    is_area = area in _BIG_CITIES or (len(area) == 4 and area[:3] not in _BIG_CITIES)
    return (is_area or found.inner[0][:1] == ")") and min(others) >= 2 and max(others) >= 3


_TESTS = (
    ("NPWP", _is_tax),
    ("KK", _is_family),
    ("NIK", _is_called_identity),
    ("rekening", _is_account),
    ("NIK", _is_identity),
    ("NIP", _is_servant),
    ("BPJS", _is_insurance),
    ("telepon", _is_mobile),
    ("telepon", _is_land_line),
)


# -- cells of numbers ------------------------------------------------------------------------------------

PLAIN_FIGURE = r"-?(?:0|[1-9][0-9]{0,14})(?:[.,][0-9]{0,14})?"
"""What nearly every cell of a number holds; RE2 reads it alike."""
_PLAIN_FIGURE = re.compile(PLAIN_FIGURE)
_FIGURE = re.compile(r"\s*(?:rp|idr)?[-+0-9.,' %_()/]*(?:e[+-]?[0-9]{1,3})?\s*", re.IGNORECASE)


def is_figure(text: str) -> bool:
    """Whether a text is written as a number is: digits and their signs."""
    return _PLAIN_FIGURE.fullmatch(text) is not None or _FIGURE.fullmatch(text) is not None


def kind_of_figure(text: str) -> str | None:
    """The kind of a number of a person that stands where a figure is to stand; none of a figure.

    What no figure can be alone: the identity number of a region that there is with a day that there is, the
    number of a civil servant, a number that begins with 0 or +.
    """
    text = text.strip()
    groups = [len(run) for run in _RUN.findall(text)]
    is_in_thousands = len(groups) > 1 and groups[0] <= 3 and set(groups[1:]) == {3} and text[0] != "0"
    if _PLAIN_FIGURE.fullmatch(text) or is_in_thousands or text[:1] not in tuple("0123456789+("):
        return None
    whole = _whole(text)
    if _IDENTITY.fullmatch(whole) and whole[:4] in _regencies() and len(set(whole)) > 3:
        return "NIK"
    if _SERVANT.fullmatch(whole):
        return "NIP"
    if text[0] in "0+(" and not re.match(r"\(?[+-]?0*(?:[.,]|$)", text):
        return next((kind for _, _, kind in numbers_of_persons(text)), None)
    return None


def _whole(text: str) -> str:
    """The digits of a whole number; of 3.27E+15 and 3273010101900001.0 those that are meant."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "".join(_RUN.findall(text))
    is_whole = abs(number.adjusted()) < 40 and number == number.to_integral_value()
    return f"{abs(number):.0f}" if is_whole and text[0] != "0" else "".join(_RUN.findall(text))
