"""A pin: the release that stays current until somebody lifts it or its last day is over, by whom and why.

Put here: the pin of a home. Keep out: moving the pointer (``releases``), what a run does (``build.plan``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from pipelines.errors import ConfigurationError, ExitCode, SpmError
from pipelines.messages import cause, message, printable, say
from pipelines.registry.windows import JAKARTA
from pipelines.settings import Settings
from pipelines.storage.whole_files import flush, write_whole

FILE = "pin.json"


class PinError(ConfigurationError):
    """The pin cannot be set, read or lifted: what, where, how to fix it."""


class PinnedError(SpmError):
    """A release is pinned: what came since is received, and nothing is published."""

    exit_code = ExitCode.PINNED


@dataclass(frozen=True, slots=True)
class Pin:
    """``until`` is the last day of the pin (Asia/Jakarta); none: until it is lifted."""

    release_id: str
    name: str
    reason: str
    until: date | None
    pinned_at: datetime

    def __str__(self) -> str:
        """One line: which release, until when, by whom and why."""
        until = message("pin.until_lifted") if self.until is None else message("pin.until", day=self.until)
        return say(
            "pin.holds",
            at=self.release_id,
            until=until,
            name=printable(self.name),
            reason=printable(self.reason) or "-",
        )


def pin_of(settings: Settings) -> Pin | None:
    """The pin that holds now in a home.

    Raises:
        PinError: its file is not as it was written.
    """
    pin = _written(settings)
    return None if pin is None or _is_over(pin, settings) else pin


def pin_over(settings: Settings) -> Pin | None:
    """The pin whose last day is over and which nobody has lifted or replaced.

    Raises:
        PinError: its file is not as it was written.
    """
    pin = _written(settings)
    return pin if pin is not None and _is_over(pin, settings) else None


def _is_over(pin: Pin, settings: Settings) -> bool:
    return pin.until is not None and pin.until < settings.clock().astimezone(JAKARTA).date()


def _written(settings: Settings) -> Pin | None:
    path = settings.published / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _pin(found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PinError(say("pin.unreadable", at=path, why=cause(error))) from error


def set_pin(settings: Settings, release_id: str, name: str, reason: str, until: date | None) -> Pin:
    """Pin a release from now on; a pin of before is replaced.

    Raises:
        PinError: the last day is over, or there is no name.
    """
    now = settings.clock()
    if not name.strip():
        raise PinError(say("pin.no_name"))
    if until is not None and until < now.astimezone(JAKARTA).date():
        raise PinError(say("pin.over", at=until))
    pin = Pin(release_id, name.strip(), " ".join(reason.split()), until, now)
    text = json.dumps(asdict(pin), indent=1, ensure_ascii=False, default=lambda value: value.isoformat())
    write_whole(settings.published / FILE, f"{text}\n".encode("utf-8", "backslashreplace"))
    return pin


def lift_pin(settings: Settings) -> None:
    """Lift the pin, readable or not.

    Raises:
        PinError: nothing is pinned.
    """
    try:
        (settings.published / FILE).unlink()
    except FileNotFoundError:
        raise PinError(say("pin.none", at=settings.published)) from None
    flush(settings.published)


def demand_unpinned(settings: Settings) -> None:
    """Go on only where no release is pinned.

    Raises:
        PinnedError: one is.
    """
    if pin := pin_of(settings):
        raise PinnedError(str(pin))


def _pin(found: Mapping[str, Any]) -> Pin:
    until = found["until"]
    release_id, name, reason = (found[key] for key in ("release_id", "name", "reason"))
    if not all(isinstance(text, str) for text in (release_id, name, reason)):
        raise TypeError(FILE)
    return Pin(
        release_id,
        name,
        reason,
        None if until is None else date.fromisoformat(until),
        datetime.fromisoformat(found["pinned_at"]),
    )
