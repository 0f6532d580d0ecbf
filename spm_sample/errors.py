"""The kinds of errors, how often each is planted, and planting them in one document.

Put here: the list of kinds, shares, the order of planting. Keep out: the kinds themselves
(``document_errors``, ``package_errors``, ``unread_errors``, ``report_errors``, ``sector_errors``,
``history_errors``, ``row_errors``, ``rare_rows``, ``index_rows``, ``added_rows``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.errors import ConfigurationError
from pipelines.messages import most_like, say
from spm_sample.added_rows import ADDED_ROW_KINDS
from spm_sample.document_errors import DOCUMENT_KINDS
from spm_sample.draws import chance
from spm_sample.history_errors import HISTORY_KINDS
from spm_sample.index_rows import INDEX_ROW_KINDS
from spm_sample.notation import settle, to_indonesian
from spm_sample.package_errors import PACKAGE_KINDS
from spm_sample.planting import Draft, Kind, Planting
from spm_sample.rare_rows import RARE_ROW_KINDS
from spm_sample.report_errors import REPORT_KINDS
from spm_sample.row_errors import ROW_KINDS
from spm_sample.sector_errors import SECTOR_KINDS
from spm_sample.unread_errors import UNREAD_KINDS

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *DOCUMENT_KINDS,
        *PACKAGE_KINDS,
        *UNREAD_KINDS,
        *REPORT_KINDS,
        *SECTOR_KINDS,
        *HISTORY_KINDS,
        *ROW_KINDS,
        *RARE_ROW_KINDS,
        *INDEX_ROW_KINDS,
        *ADDED_ROW_KINDS,
    )
}
"""Every kind by name."""


class SampleError(ConfigurationError):
    """An option of the sample cannot be used; one line that says which and how to correct it."""


def shares_of(errors: float, overrides: Sequence[str]) -> dict[str, float]:
    """The share of regions for each kind: ``errors``, unless ``KIND=SHARE`` says otherwise; 0 switches off.

    Rare kinds are planted only where ``KIND=SHARE`` names them.

    Raises:
        SampleError: a share is not from 0 to 1, a kind is unknown, or a text is not ``KIND=SHARE``.
    """
    share = _share(str(errors), "--errors")
    shares = {name: 0.0 if kind.is_rare else share for name, kind in KINDS.items()}
    for text in overrides:
        name, sign, given = text.partition("=")
        if not sign or name not in KINDS:
            raise SampleError(
                say("sample.error_option", at=f"--error {text!r}", known=most_like(name, KINDS))
            )
        shares[name] = _share(given, f"--error {name}")
    return shares


def kinds_text() -> str:
    """Every kind on a line: its name, what it touches, the rule that finds it, what it is; + is rare."""
    return "\n".join(
        f"{kind.name:<24}{kind.level:<10}{kind.rule_id or '-':<11}{'+ ' * kind.is_rare}{kind.description}"
        for kind in KINDS.values()
    )


def drawn_kinds(
    shares: Mapping[str, float], document_kind: str, seed: int, region: str, period: str
) -> list[Kind]:
    """The kinds drawn for one document, those of documents in a drawn order."""
    year = period[:4]
    drawn = [
        kind
        for kind in KINDS.values()
        if document_kind in kind.formats
        and chance(seed, region, year if kind.lasts else period, kind.name) < shares[kind.name]
    ]

    def order(kind: Kind) -> tuple[bool, float]:
        # what lasts all year goes first, or another kind would interrupt it for a quarter
        return not kind.lasts, chance(seed, region, period, kind.name, "order")

    of_documents = sorted((kind for kind in drawn if kind.level == "document"), key=order)
    return of_documents + [kind for kind in drawn if kind.level == "row"]


def plant(draft: Draft, kinds: Sequence[Kind]) -> list[Planting]:
    """Plant the first kind for documents that fits, then each kind for rows; notation changes in between."""
    planted: list[Planting] = []
    for kind in kinds:
        if kind.level == "document" and not planted:
            draft.begin(kind.name)
            planted += kind.plant(draft)
    for document in (draft.document, *draft.more):
        if document.is_indonesian:
            to_indonesian(document.rows)
            document.numbers_as_text = True
    for kind in kinds:
        if kind.level == "row" and not draft.is_closed:
            draft.begin(kind.name)
            planted += kind.plant(draft)
    for document in (draft.document, *draft.more):
        if document.is_indonesian:
            settle(document.rows, draft.touched if document is draft.document else set())
    return [_as_it_stands(one) for one in planted]


def _as_it_stands(planted: Planting) -> Planting:
    """The error with its text as ``settle`` left it."""
    stands = planted.row[planted.field] if planted.row and planted.field else ""
    return replace(planted, text=stands) if stands == f"{planted.text},00" else planted


def _share(text: str, option: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SampleError(say("sample.share", at=f"{option} {text}"))
    return share
