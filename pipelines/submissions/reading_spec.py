"""How the documents of a source are read: what every kind of source has in common.

``ReadingSpec`` is what a reader needs to know of a source; a receipt stores it, so that the bytes can be
read again years later. Where the source lies is of today only, and stands in the kinds built on it.

Put here: keys of every kind. Keep out: those of one kind (``files.spec``, ``rest.spec``, ``sql.spec``), the
sources file (``config``).
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.messages import say
from pipelines.registry.periods import Period
from pipelines.registry.time_zones import utc_offset_minutes
from pipelines.registry.written_periods import written_range
from pipelines.submissions.layout import Layout
from pipelines.submissions.rows import COLUMNS, REGION_NAME

ReceiptTime = Literal["seen", "store"]
"""When a document counts as received: when we first saw it, or when its store says that it came."""

PLACEHOLDERS = frozenset({"period", "year", "quarter"})
"""Words in braces that a path, an address or a parameter may hold: ``2024-Q4``, ``2024``, ``4``."""

SECRET_NAME = re.compile(
    r"(password|passphrase|secret|token|credentials?|authorization|cookie|signature|connection_string"
    r"|(^|[._-])(key|sig|pass|pwd))$",
    re.IGNORECASE,
)
"""Names of options and parameters that hold a secret."""

PASSWORD_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/@]*:[^/@]*@", re.IGNORECASE)
"""An address that holds a password."""


FROM_FOLDER = "from folder"
"""As ``regions``: a document may report for the region alone whose code is the name of its folder."""

_REGION_PATTERN = re.compile(r"[0-9*?]+(\.[0-9*?]+)?")

_LATER = frozenset({"demo", "layout", "timezone", "receipt_time", "regions"})
"""Keys that came later than others: they stand in the JSON only where they say something."""


class ReadingSpec(BaseModel):
    """How a document of the source is read.

    ``kind`` is that of the source (``sources.kinds``). ``columns`` maps their header to our column.
    ``values`` maps, per column of ours, their code to our text. ``key`` names the fields (theirs) that name
    a row of an API or a database. ``periods`` is ``FIRST..LAST``, both served; none means all. ``layout`` is
    how a table that is not in our shape becomes rows of it. ``timezone`` is that of times without one;
    ``receipt_time`` what counts as the receipt (none: as the place has it). ``regions`` are those that it may
    report for: Kemendagri codes and patterns of them, or ``FROM_FOLDER``; none means any.
    ``demo``: its figures are made up, or never are (a document that carries the mark is then refused).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: str
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    region_codes: Literal["kemendagri", "bps"] = "kemendagri"
    periods: str | None = None
    key: tuple[str, ...] = ()
    demo: bool | None = None
    layout: Layout | None = None
    timezone: str | None = None
    receipt_time: ReceiptTime | None = None
    regions: Literal["from folder"] | tuple[str, ...] | None = None

    @field_validator("columns", "values")
    @classmethod
    def _our_columns(cls, mapping: dict[str, Any]) -> dict[str, Any]:
        ours = mapping.values() if all(isinstance(value, str) for value in mapping.values()) else mapping
        if unknown := set(ours) - {*COLUMNS, REGION_NAME}:
            known = ", ".join([*COLUMNS, REGION_NAME])
            raise ValueError(say("source.unknown_column", column=repr(min(unknown)), known=known))
        return mapping

    @field_validator("periods")
    @classmethod
    def _forward_range(cls, text: str | None) -> str | None:
        if text is not None:
            written_range(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _fixed_zone(cls, text: str | None) -> str | None:
        if text is not None:
            utc_offset_minutes(text)
        return text

    @field_validator("key", mode="before")
    @classmethod
    def _one_or_more(cls, key: Any) -> Any:
        return (key,) if isinstance(key, str) else key

    @field_validator("regions", mode="before")
    @classmethod
    def _codes(cls, regions: Any) -> Any:
        if regions is None or regions == FROM_FOLDER:
            return regions
        codes = [regions] if isinstance(regions, str) else regions
        if not isinstance(codes, list | tuple) or not codes:
            raise ValueError(say("source.no_regions", instead=FROM_FOLDER))
        for code in codes:
            if not isinstance(code, str) or not _REGION_PATTERN.fullmatch(code):
                raise ValueError(say("source.no_region_code", code=repr(code), instead=FROM_FOLDER))
        # the same regions are the same way of reading, in whatever order they were written
        return tuple(sorted(set(codes)))

    @model_validator(mode="after")
    def _layout_fits(self) -> Self:
        if self.layout is not None:
            self.layout.check_for(self.kind, self.columns)
        return self

    def serves(self, period: Period) -> bool:
        """Whether the source is asked for ``period``."""
        return self.periods is None or period in written_range(self.periods)

    def canonical_json(self) -> str:
        """How to read its documents, as one line of JSON; the same way gives the same text on any machine."""
        # a source that says nothing of it is read as it was before there was anything to say
        unsaid = {name for name in _LATER if getattr(self, name) is None}
        reading = self.model_dump(mode="json", include=set(ReadingSpec.model_fields) - unsaid)
        return json.dumps(reading, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ReadingSpec:
        """The spec that ``canonical_json`` wrote: enough to read a stored document again."""
        stored = json.loads(text)
        # early receipts also held where the source lay
        return ReadingSpec(**{name: stored[name] for name in ReadingSpec.model_fields if name in stored})


@cache
def regions_of(reading: str) -> Literal["from folder"] | tuple[str, ...] | None:
    """The regions that a way of reading, as ``canonical_json`` wrote it, may report for; none means any."""
    return ReadingSpec.from_json(reading).regions


def regions_said(spec: ReadingSpec) -> str:
    """The regions that a source may report for, for people."""
    if spec.regions is None:
        return say("source.any_region")
    return say("source.region_of_folder") if spec.regions == FROM_FOLDER else ", ".join(spec.regions)


def known_placeholders(text: str) -> str:
    """``text`` as it is, if each word in braces is one of ``PLACEHOLDERS``; else ValueError."""
    if unknown := set(re.findall(r"\{(.*?)\}", text)) - PLACEHOLDERS:
        raise ValueError(say("source.unknown_placeholder", word=f"{{{min(unknown)}}}"))
    return text


def fill(text: str, period: Period | None) -> str:
    """``text`` with its placeholders filled; ``*`` where no period is given."""
    words = {"period": "*", "year": "*", "quarter": "*"}
    if period is not None:
        words = {"period": str(period), "year": str(period.year), "quarter": str(period.quarter)}
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
