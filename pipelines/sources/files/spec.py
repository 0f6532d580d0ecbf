"""A source of files: where they lie, and how that place is opened.

Put here: its keys and what each may hold. Keep out: connecting (``file_systems``), fetching (``fetching``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from pydantic import Field, field_validator

from pipelines.messages import say
from pipelines.registry.periods import Period
from pipelines.sources.source import Source
from pipelines.submissions.file_facts import clean_place
from pipelines.submissions.reading_spec import (
    FROM_FOLDER,
    PASSWORD_IN_ADDRESS,
    SECRET_NAME,
    ReceiptTime,
    fill,
    known_placeholders,
)

_MAGIC = frozenset("*?[")
_OWN_TIMES = frozenset({"http", "https", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})


class FileSource(Source):
    """Documents in files. ``path`` is a glob or an fsspec URL; ``storage`` holds options of its file system.

    An option whose name ends in ``_env`` is read from that environment variable; a dotted name
    (``client_kwargs.region_name``) is an option inside another.
    """

    kind: Literal["csv", "workbook"]
    path: str = Field(min_length=1)
    storage: dict[str, str] = Field(default={})
    key: tuple[()] = ()

    @field_validator("path")
    @classmethod
    def _path(cls, path: str) -> str:
        asked = re.findall(r"[?&]([^=&]+)=", path)
        if PASSWORD_IN_ADDRESS.match(path) or any(map(SECRET_NAME.search, asked)):
            raise ValueError(say("source.secret_in_address", instead="storage, *_env"))
        return known_placeholders(path)

    @field_validator("storage")
    @classmethod
    def _no_secret(cls, storage: dict[str, str]) -> dict[str, str]:
        for option, text in storage.items():
            if SECRET_NAME.search(option):
                raise ValueError(say("source.secret_in_file", at=option, instead=f"{option}_env"))
            if PASSWORD_IN_ADDRESS.match(text):
                raise ValueError(say("source.secret_in_address", at=option, instead=f"{option}_env"))
        return storage

    def _demand_folder(self) -> None:
        if self._after_folder is None:
            raise ValueError(say("source.no_folder", regions=FROM_FOLDER))

    @property
    def _after_folder(self) -> int | None:
        """How many parts of ``path`` are behind the first folder that a pattern stands for; none without one.

        A folder of a period is none of a sender.
        """
        magic = _MAGIC - {"?"} if self.path.startswith(("http://", "https://")) else _MAGIC
        parts = self.path.split("/")
        folders = [place for place, part in enumerate(parts[:-1]) if magic & set(part) and "{" not in part]
        return len(parts) - 1 - folders[0] if folders else None

    def folder_of(self, path: str, location: str) -> str | None:
        """The name of the folder below which a sender's documents lie; empty where ``path`` lies in none.

        None where the source has no such folders.

        ``location`` is that of the source for any period, written as ``path`` is.
        """
        if self._after_folder is None:
            return None
        place = len(location.split("/")) - 1 - self._after_folder
        folders = path.split("/")[:-1]
        name = folders[place] if 0 <= place < len(folders) else ""
        return clean_place(unquote(name) if location.startswith(("http://", "https://")) else name)

    @property
    def by_period(self) -> bool:
        """Whether each period has a place of its own."""
        return "{" in self.path

    @property
    def counted_receipt(self) -> ReceiptTime:
        """The time of the store where no sender can set it: those that write it themselves."""
        kept_by_store = self.path.partition("://")[0] in _OWN_TIMES and "://" in self.path
        return self.receipt_time or ("store" if kept_by_store else "seen")

    @property
    def place(self) -> str:
        """Where it is, for people; never a secret."""
        return self.path

    def location(self, period: Period | None) -> str:
        """The path with its placeholders filled (``*`` where no period is given), absolute if local."""
        filled = fill(self.path, period).removeprefix("file://")
        return filled if "://" in filled else str(self.beside(filled))

    @property
    def fixed_folders(self) -> int:
        """How many leading parts of a location are names and no patterns: the folder of the sources file."""
        is_beside = "://" not in self.path and not Path(self.path).expanduser().is_absolute()
        return str(self.beside("")).count("/") + 1 if is_beside else 0

    def holds(self, file: Path) -> bool:
        """Whether a file of this machine lies where the source reads."""
        named, here = self.location(None).split("/"), str(file.absolute()).split("/")
        fixed = self.fixed_folders
        return named[:fixed] == here[:fixed] and fnmatch("/".join(here[fixed:]), "/".join(named[fixed:]))

    def asked(self, served: Sequence[Period]) -> Sequence[Period | None]:
        """The base's, but for quarters that share a place (``{year}``): it is asked for the first of them."""
        if not self.by_period:
            return super().asked(served)
        return [*{self.location(period): period for period in reversed(served)}.values()][::-1]
