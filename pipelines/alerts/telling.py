"""Telling people: which states began and ended since the last time, and who has not heard of them yet.

Put here: the comparison, the words of a message. Keep out: sending (``sending``), the record (``record``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from pipelines.alerts.channels import load_channels
from pipelines.alerts.record import State, alone, read_states, write_states
from pipelines.alerts.sending import NotSentError, Receiver, receivers_of, send
from pipelines.alerts.units import UNIT, failed_units
from pipelines.build.health import Health, Service, health_of
from pipelines.build.standing import Problem
from pipelines.errors import SpmError
from pipelines.messages import cause, message, printable, say
from pipelines.publish.pin import PinError, pin_over
from pipelines.registry.personal_data import masked
from pipelines.settings import GATES, Settings

MOST_LINES = 60
_ROOM_TO_END = 10
"""Little disk is over once there is a tenth more than the limit: at the limit itself it would come and go."""


@dataclass(slots=True)
class Told:
    """What one evaluation told. ``lasting`` is how many problems last, ``failed`` a line for each receiver
    that could not be told."""

    lasting: int = 0
    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def tell(settings: Settings, services: Sequence[Service] | None = None) -> Told:
    """Tell every channel what began and what ended since it was told last.

    What cannot be sent is sent the next time, to those alone who have not got it. Of ``services`` that were
    not looked at, what was so stays so.

    Raises:
        ChannelsError: the channels file cannot be used.
    """
    receivers = receivers_of(load_channels(settings))
    told = Told()
    if not receivers:
        return told
    with alone(settings) as is_alone:
        if not is_alone:
            told.failed.append(say("alert.busy", at=settings.home))
            return told
        health = health_of(settings, services or ())
        states = read_states(settings)
        problems = [*_problems(settings, health), *failed_units(settings)]
        if services is None:
            problems += [_as_it_was(state) for state in states.values() if _is_of_program(state)]
        compared = _compared(states, problems, health, settings)
        told.lasting = sum(state.ended_at is None for state in compared.values())
        if compared != states and not write_states(settings, compared):
            told.failed.append(say("alert.not_kept", at=settings.told))
        _send_all(settings, compared, receivers, told)
        done = {key for key, state in compared.items() if _is_done(state, receivers)}
        if done:
            write_states(settings, {key: state for key, state in compared.items() if key not in done})
    return told


def tell_quietly(settings: Settings, log: Callable[[str], object]) -> None:
    """Tell, and never fail whoever asked: what goes wrong is a line of its log."""
    try:
        for line in tell(settings).failed:
            log(line)
    except SpmError as error:
        log(say("alert.failed", why=str(error)))
    except Exception as error:
        log(say("alert.failed", why=f"{type(error).__name__}: {cause(error)}"))


def send_test(settings: Settings) -> list[tuple[str, str | None]]:
    """Send each receiver a test message; its name, and why it did not get it (none: it did).

    Raises:
        ChannelsError: the channels file cannot be used.
    """
    title, body = _title("alert.test_title", "-"), f"{say('alert.test_body', home=settings.home)}\n"
    results: list[tuple[str, str | None]] = []
    for receiver in receivers_of(load_channels(settings)):
        try:
            send(receiver, title, body, is_bad=False)
            results.append((receiver.name, None))
        except (NotSentError, SpmError) as error:
            results.append((receiver.name, str(cause(error))))
    return results


def _is_of_program(state: State) -> bool:
    return state.kind == "service" and state.ended_at is None and not state.subject.startswith(UNIT)


def _as_it_was(state: State) -> Problem:
    return Problem("service", state.subject, state.sentence, tuple(state.details), tuple(state.owners))


def _problems(settings: Settings, health: Health) -> list[Problem]:
    found = list(health.standing)
    found += [Problem("service", one.name, one.problem) for one in health.services if one.problem]
    try:
        pin = pin_over(settings)
    except PinError:
        return found  # one of the problems already
    if pin and health.release_id == pin.release_id:
        said = say("alert.pin_over", at=pin.release_id, day=pin.until, name=printable(pin.name))
        found.append(Problem("pin over", f"{pin.release_id} {pin.until}", said))
    return found


def _compared(
    before: dict[str, State], problems: Iterable[Problem], health: Health, settings: Settings
) -> dict[str, State]:
    """The states of before, with those that began and ended since."""
    now = settings.wall_clock().replace(microsecond=0)
    lasting = {problem.key: problem for problem in problems}
    states = deepcopy(before)
    for key, state in states.items():
        if state.ended_at is None and key not in lasting and not _is_near(state, health, settings):
            state.ended_at = now
    for key, problem in lasting.items():
        known = states.get(key)
        if known is not None and known.ended_at is None:
            continue
        states[key] = State(
            problem.kind,
            problem.subject,
            problem.sentence,
            list(problem.details),
            list(problem.owners),
            now,
            # who was not told that it had ended knows of it still
            told=[name for name in known.told if name not in known.told_end] if known else [],
        )
    return states


def _is_near(state: State, health: Health, settings: Settings) -> bool:
    least = settings.least_free_bytes
    return state.kind == "disk" and health.free_bytes < least + least // _ROOM_TO_END


def _send_all(
    settings: Settings, states: dict[str, State], receivers: Sequence[Receiver], told: Told
) -> None:
    for receiver in receivers:
        for title, body, is_end, group in _messages(settings, states, receiver):
            try:
                send(receiver, title, body, is_bad=not is_end)
            except (NotSentError, SpmError) as error:
                # the others wait for its next time too: it would keep everybody waiting
                told.failed.append(say("alert.not_told", at=receiver.name, why=cause(error)))
                break
            for state in group:
                (state.told_end if is_end else state.told).append(receiver.name)
            (told.ended if is_end else told.began).append(f"{receiver.name}: {title}")
            write_states(settings, states)


def _messages(
    settings: Settings, states: dict[str, State], receiver: Receiver
) -> Iterable[tuple[str, str, bool, list[State]]]:
    """What a receiver has not heard yet, in the order in which it came about; states of one cause are one
    message."""
    own = [state for state in states.values() if receiver.channel.hears(state.kind, state.owners)]
    for is_end in (False, True):
        groups: dict[tuple[str, str], list[State]] = {}
        for state in sorted(own, key=lambda state: (state.began_at, state.kind, state.subject)):
            if is_end and (state.ended_at is None or receiver.name in state.told_end):
                continue
            if not is_end and receiver.name in state.told:
                continue
            groups.setdefault((state.kind, state.sentence), []).append(state)
        for group in groups.values():
            yield (*_words(settings, group, is_end), is_end, group)


def _words(settings: Settings, group: Sequence[State], is_end: bool) -> tuple[str, str]:
    """Title and body of a message: one line, and lines of plain text."""
    first = group[0]
    subjects = ", ".join(state.subject for state in group)
    title = _title(_TITLES[first.kind], subjects, is_end=is_end)
    times = [say("alert.began", time=_time(first.began_at))]
    if is_end and first.ended_at is not None:
        times.append(say("alert.ended", time=_time(first.ended_at)))
    lines = [first.sentence, *times]
    if not is_end:
        lines += list(dict.fromkeys(line for state in group for line in state.details))
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "…"]
    lines.append(say("alert.look", home=settings.home))
    own = f"{settings.serving.public_url}{GATES}/" if settings.serving.public_url else None
    return title, "\n".join(_plain(line, own) for line in lines) + "\n"


def _title(message_id: str, subjects: str, *, is_end: bool = False) -> str:
    what = message(message_id)
    said = say("alert.title_end" if is_end else "alert.title", what=what, subject=subjects)
    return _plain(said)[:200]


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _plain(line: str, own: str | None = None) -> str:
    """A line of letters, with nothing in it that mail or a chat takes for a header, a link or a name to call,
    and no personal data. A line that is a link to a page of ``own`` stays one."""
    if own and line.startswith(own) and _PAGE.fullmatch(line.removeprefix(own)):
        return line
    text = masked(printable(line)).text
    for sign, harmless in _SIGNS.items():
        text = text.replace(sign, harmless)
    return text


_PAGE = re.compile(r"[0-9A-Za-z-]+\.html")
_SIGNS = {"://": ": //", "<": "‹", ">": "›", "@": "(at)", "[": "(", "]": ")", "`": "'"}
_TITLES = {
    "run": "alert.run",
    "gate": "alert.gate",
    "refused": "alert.refused",
    "approval": "alert.approval",
    "source": "alert.source",
    "database": "alert.database",
    "due": "alert.due",
    "disk": "alert.disk",
    "damaged": "alert.damaged",
    "pin": "alert.pin",
    "service": "alert.service",
    "pin over": "alert.pin",
}


def _is_done(state: State, receivers: Sequence[Receiver]) -> bool:
    """Whether it is over and everybody who hears of it knows that."""
    names = {one.name for one in receivers if one.channel.hears(state.kind, state.owners)}
    return state.ended_at is not None and names <= set(state.told_end)
