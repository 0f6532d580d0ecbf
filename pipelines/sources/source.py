"""A source and its kind: what each one says of itself, what it is asked, what it answers.

Put here: what a new kind has to give, and what it may use. Keep out: the kinds (a package each), their
table (``kinds``), the keys that reading a document needs (``submissions.reading_spec``).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Generic, Self, TypeVar

from pydantic import PrivateAttr, field_validator, model_validator

from pipelines.errors import UnavailableError
from pipelines.messages import cause, say
from pipelines.registry.periods import Period
from pipelines.registry.regions import all_states
from pipelines.settings import Limits
from pipelines.submissions.reading_spec import FROM_FOLDER, ReadingSpec, ReceiptTime
from pipelines.submissions.rows import RawFile

OWNER = re.compile(r"team:[a-z0-9_-]+|[^@\s:]+@[^@\s:]+")
"""Who answers for a source or a rule, as Dagster takes owners."""


class Source(ReadingSpec):
    """The keys of a source in the sources file; each kind adds its own.

    ``owner`` answers for it, and is told when it fails: ``team:name`` or an e-mail address.
    """

    owner: str | None = None

    # where the sources file lies: of this machine only
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("owner")
    @classmethod
    def _is_owner(cls, text: str | None) -> str | None:
        if text is not None and not OWNER.fullmatch(text):
            raise ValueError(say("source.no_owner", owner=repr(text)))
        return text

    @model_validator(mode="after")
    def _regions_are_there(self) -> Self:
        if self.regions == FROM_FOLDER:
            self._demand_folder()
            return self
        codes = {state.region_code for state in all_states()}
        for pattern in self.regions or ():
            if not any(fnmatchcase(code, pattern) for code in codes):
                raise ValueError(say("source.unknown_region", code=repr(pattern)))
        return self

    def _demand_folder(self) -> None:
        """Go on where the documents of the source lie in folders."""
        raise ValueError(say("source.no_folder", regions=FROM_FOLDER))

    @property
    @abstractmethod
    def by_period(self) -> bool:
        """Whether each period is asked for by itself; else the source is asked once for all."""

    @property
    def counted_receipt(self) -> ReceiptTime:
        """What counts as the receipt of its documents."""
        return self.receipt_time or "seen"

    @property
    @abstractmethod
    def place(self) -> str:
        """Where it is, for people; never a secret."""

    def asked(self, served: Sequence[Period]) -> Sequence[Period | None]:
        """What the source is asked for, one after the other, to have all of ``served``; none means any."""
        if self.by_period:
            return served
        return [None] if served else []

    def beside(self, path: str) -> Path:
        """A path of this machine that the sources file names; a relative one starts at that file's folder."""
        return (self._folder or Path.cwd()) / Path(path).expanduser()


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms documents are fetched.

    ``known`` are the (origin, version) of documents that need not come again. A document of more than
    ``file_bytes`` is not fetched. ``partial`` is the folder that keeps half a document until the other
    half arrives; without it an interrupted one starts anew. ``limits`` are those of what a source answers.
    """

    known: Set[tuple[str, str]] = frozenset()
    file_bytes: int = Limits().file_bytes
    partial: Path | None = None
    limits: Limits = field(default_factory=Limits)


DEFAULT_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Known:
    """A document that was seen at its place, and not fetched because it was received before."""

    name: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a source that could not be fetched: the period (none: it may hold any) and why."""

    period: str | None
    message: str

    @classmethod
    def of(cls, period: Period | None, error: SourceUnavailable) -> Failure:
        """The failure that an error of ``period`` means."""
        return cls(str(period) if period else None, str(error))


@dataclass(frozen=True, slots=True)
class Silence:
    """That a source was asked, failed at nothing and gave no document for ``period`` (none: for any)."""

    period: str | None


Found = RawFile | Known | Failure | Silence
"""What a source answers with, document by document."""
Keys = TypeVar("Keys", bound=Source)


@dataclass(frozen=True, slots=True)
class SourceKind(Generic[Keys]):
    """A kind of source: all that the rest of the program needs to know of it.

    ``name`` is the word after ``kind:`` in the sources file, ``keys`` the keys that may stand beside it.
    ``documents`` says what its documents are, a key of ``readers.dispatch.DOCUMENTS``: ``extract`` where
    ``submissions.extract.documents`` makes them of rows, else ``name``. ``extract`` gives the documents for
    one period of ``Source.asked``; it raises SourceUnavailable where none of them can be fetched, and
    imports what it needs when it is called: a run over files alone waits for no HTTP client.
    ``is_watched`` kinds are listed by the sensor every few minutes. ``dagster_kind`` is the label of the
    asset in Dagster.
    """

    name: str
    keys: type[Keys]
    documents: str
    extract: Callable[[Keys, Period | None, Terms], Iterable[Found]]
    is_watched: bool
    dagster_kind: str


class SourceUnavailable(UnavailableError):
    """A source could not be listed or fetched after its retries; the message says what, where, what to do."""

    @classmethod
    def because(cls, where: str, error: BaseException) -> SourceUnavailable:
        """The sentence for a cause that the source's library gave."""
        return cls(say("source.unavailable", at=where, why=cause(error)))


class UnknownShape(SourceUnavailable):
    """A source answered in a shape that we do not know; ``document`` keeps that answer, to be rejected."""

    def __init__(self, message: str, document: RawFile) -> None:
        super().__init__(message)
        self.document = document
