"""Who may approve releases: ``registry/approvers.csv`` of the home, names as they are compared, accounts.

The list has a row for each person: ``name``, ``account`` of the operating system, ``public_key`` (an Ed25519
key in a PEM file beside the list); account and key may be empty. Without the file anybody may approve.

Put here: the list, names, the account of this process. Keep out: what was decided (``approval``).
"""

from __future__ import annotations

import csv
import io
import os
import pwd
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.messages import cause, say

COLUMNS = ("name", "account", "public_key")
_LOGIN_UID = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN = 2**32 - 1
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s"})
"""Letters and digits that many fonts draw alike, as one of them."""
_LEAST_LETTERS = 2


class ApproversError(ConfigurationError):
    """The list of approvers cannot be used: what, where, how to fix it."""


@dataclass(frozen=True, slots=True)
class Approver:
    """One person of the list."""

    name: str
    account: str
    public_key: Path | None


def strange_letters(name: str) -> str:
    """The letters of a name that are not A to Z, with or without marks: they may only look like these."""
    found = [letter for letter in _plain(name) if letter.isalnum() and not letter.isascii()]
    return ", ".join(f"{letter} U+{ord(letter):04X}" for letter in dict.fromkeys(found))


def is_name(name: str) -> bool:
    """Whether a text holds letters enough to be a name."""
    return sum(letter.isalpha() for letter in _plain(name)) >= _LEAST_LETTERS


def alike(one: str, other: str) -> bool:
    """Whether two names may be those of one person, or be taken for each other.

    Case, blanks, marks, signs, letters that nobody sees and the order of the words make no other person.
    """
    return bool(_spellings(one) & _spellings(other))


def read_approvers(path: Path) -> tuple[Approver, ...] | None:
    """The list; none where there is no such file.

    Raises:
        ApproversError: it cannot be read, or two of its rows are one person or one account.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ApproversError(say("approvers.unreadable", at=path, why=cause(error))) from error
    found: list[Approver] = []
    for line, row in enumerate(rows, start=2):
        at = f"{path} L{line}"
        if set(row) != set(COLUMNS) or None in row.values():
            raise ApproversError(say("approvers.columns", at=at, columns=",".join(COLUMNS)))
        cells = {name: value.strip() for name, value in row.items()}
        if strange := strange_letters(cells["name"]):
            raise ApproversError(say("approval.strange_letters", at=at, letters=strange))
        if not is_name(cells["name"]):
            raise ApproversError(say("approval.no_name", at=at))
        key = path.parent / cells["public_key"] if cells["public_key"] else None
        new = Approver(cells["name"], cells["account"], key)
        if twice := [
            one for one in found if alike(one.name, new.name) or new.account in {one.account} - {""}
        ]:
            raise ApproversError(say("approvers.twice", at=at, name=twice[0].name))
        found.append(new)
    return tuple(found)


def account_of_process() -> str:
    """The operating system's account of whoever runs this: that of the login, which sudo does not change."""
    user = os.getuid()
    try:
        login = int(_LOGIN_UID.read_text())
    except (OSError, ValueError):
        login = _NOBODY_LOGGED_IN
    if login != _NOBODY_LOGGED_IN:
        user = login
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _plain(name: str) -> str:
    """A name without case, marks and letters that nobody sees."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in decomposed if unicodedata.category(letter)[0] not in "MC")


def _spellings(name: str) -> set[str]:
    parts = "".join(letter if letter.isalnum() else " " for letter in _plain(name)).split()
    drawn = [part.translate(_ALIKE).replace("rn", "m").replace("vv", "w") for part in parts]
    return {"".join(drawn), "".join(sorted(drawn))}
