"""What every description of the export shares: who publishes, and one file with its size and hash.

Put here: these two. Keep out: how they are described (``data_package``, ``catalogue``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.messages import Message, message, say
from pipelines.publish.open_data.csv_files import Dialect
from pipelines.storage.checked_files import sha256_of

NOT_SET = say("export.not_set")


class BadPublisherError(ConfigurationError):
    """An address of the publisher cannot be one: what, and which option."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, under which licence (its address), whom to write to, and where the folder will lie.

    Nothing of it is made up: what is not given is left out, but for the name, which says that it is not set.
    """

    name: str = NOT_SET
    license: str | None = None
    contact: str | None = None
    base_url: str | None = None

    @classmethod
    def of(
        cls, name: str | None, license_: str | None, contact: str | None, base_url: str | None
    ) -> Publisher:
        """As options give it.

        Raises:
            BadPublisherError: an option is no web or mail address.
        """
        for option, value in (("--license", license_), ("--base-url", base_url)):
            if value and not re.fullmatch(r"https?://[^\s<>\"]+", value):
                raise BadPublisherError(say("export.not_a_web_address", at=f"{option} {value}"))
        if contact and not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", contact):
            raise BadPublisherError(say("export.not_a_mail_address", at=f"--contact {contact}"))
        return cls(name or NOT_SET, license_, contact, base_url)

    def lacking(self) -> list[str]:
        """What a portal asks for and was not given, as options of ``spm export``."""
        given = {
            "--publisher": self.name != NOT_SET,
            "--license": self.license,
            "--contact": self.contact,
            "--base-url": self.base_url,
        }
        return [option for option, value in given.items() if not value]


@dataclass(frozen=True, slots=True)
class Publication:
    """A release as it is described to the public; ``first`` and ``last`` are the days that it spans.

    ``is_demo``: its data are made up, which titles, descriptions and keywords say.
    """

    release_id: str
    published_at: str
    first: str
    last: str
    by: Publisher
    is_demo: bool = False

    @property
    def title(self) -> Message:
        """What it is called."""
        return self.named(
            Message(
                "Standar Pelayanan Minimal (SPM): capaian daerah per triwulan",
                "Minimum service standards (SPM): attainment of regions by quarter",
            )
        )

    @property
    def about(self) -> Message:
        """What it holds, in a sentence."""
        held = Message(
            "Indeks, capaian, kepatuhan, dan anggaran SPM provinsi, kabupaten, dan kota menurut laporan"
            " daerah, setelah pemeriksaan mutu.",
            "Index, attainment, compliance and budgets of the minimum service standards of provinces,"
            " regencies and cities by their reports, after quality checks.",
        )
        return self.described(held)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Words by which it is found."""
        words = ("SPM", "pelayanan dasar", "pemerintahan daerah", "standar pelayanan minimal")
        return (*words, "data contoh", "demo") if self.is_demo else words

    def named(self, title: Message) -> Message:
        """The title of a part of it."""
        return _joined(message("demo.title"), ": ", title) if self.is_demo else title

    def described(self, about: Message) -> Message:
        """The description of a part of it."""
        notice = message("demo.notice")
        # the tables of a release say it themselves
        if not self.is_demo or about.indonesian.startswith(notice.indonesian):
            return about
        return _joined(notice, ". ", about)

    @property
    def publisher(self) -> str:
        """Name of the publisher."""
        return self.by.name

    @property
    def license(self) -> str | None:
        """Address of the licence."""
        return self.by.license

    @property
    def contact(self) -> str | None:
        """Mail address for questions."""
        return self.by.contact

    @property
    def base_url(self) -> str | None:
        """Where the folder will lie."""
        return self.by.base_url

    def address(self, path: str) -> str:
        """The address of a file: under the base where one is given, else beside the catalogue."""
        return f"{self.base_url.rstrip('/')}/{path}" if self.base_url else path


def _joined(first: Message, between: str, second: Message) -> Message:
    return Message(*(f"{one}{between}{other}" for one, other in zip(first, second, strict=True)))


@dataclass(frozen=True, slots=True)
class OpenFile:
    """One file of the export: its place in the folder, size in bytes, hash; the table in it, if one."""

    path: str
    media_type: str
    size: int
    sha256: str
    table: str | None = None
    dialect: Dialect | None = None

    @property
    def plain_type(self) -> str:
        """The media type without parameters: how IANA lists it, and all that POD allows."""
        return self.media_type.partition(";")[0]


PARQUET = "application/vnd.apache.parquet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def described(
    folder: Path, path: str, media_type: str, table: str | None = None, dialect: Dialect | None = None
) -> OpenFile:
    """A file that is there, measured."""
    file = folder / path
    return OpenFile(path, media_type, file.stat().st_size, sha256_of(file), table, dialect)
