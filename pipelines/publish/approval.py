"""The approval of a release: above a set change it waits for a decision by two persons on just this content.

What is decided on has a hash of its own: the candidate's tables, its periods and the release that it changes.
The same inputs run again give the same hash; anything else is other content, which an old decision does not
cover. Who approved goes into the manifest, beside its content: the content follows from the inputs alone.

Put here: whether a decision is owed and whether it is there. Keep out: how large a change is
(``publish.change``), the gate, whose word comes first (``quality``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from pipelines.errors import ExitCode, RejectedError, SpmError
from pipelines.messages import cause, say
from pipelines.publish.candidate import Candidate
from pipelines.publish.change import change_of
from pipelines.publish.releases import Releases
from pipelines.storage.whole_files import write_whole

SUMMARY, DECISION = "summary.json", "decision.yaml"
PERSONS = 2
"""So many different persons approve a release."""


def _with_zone(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("no zone")
    return text


_Filled = Annotated[str, StringConstraints(pattern=r"\S")]


class Decision(BaseModel):
    """What one person said of one content. ``at`` is an instant in ISO 8601 with its zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Filled
    decision: Literal["approve", "reject"]
    reason: _Filled
    at: Annotated[str, AfterValidator(_with_zone)]

    @property
    def person(self) -> str:
        """The name as compared: case and blanks make no other person."""
        return " ".join(self.name.casefold().split())


class _DecisionFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hash: str
    decisions: list[Decision]


_WRONG = {
    "extra_forbidden": "approval.unknown_key",
    "missing": "approval.missing_key",
    "string_type": "approval.empty",
    "string_pattern_mismatch": "approval.empty",
    "literal_error": "approval.no_such_decision",
    "list_type": "approval.not_a_list",
    "value_error": "approval.not_a_time",
}
"""What is said of an error of pydantic, by its type."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release of ``periods`` that waits: the ``hash`` to decide on, the ``folder`` of its summary.

    ``points`` are the changes above a limit, with the keys of ``publish.change.Change``; ``stale`` are the
    hashes of decisions on other content, ``approved_by`` those who approved so far.
    """

    hash: str
    folder: str
    periods: list[str]
    points: list[dict[str, Any]]
    approved_by: list[str]
    stale: list[str]


class ApprovalNeededError(SpmError):
    """The release changes more than is published without a decision; ``waiting`` says what."""

    exit_code = ExitCode.APPROVAL_NEEDED

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        super().__init__(
            say(
                "approval.waits",
                at=waiting.hash,
                persons=PERSONS,
                given=len(waiting.approved_by),
                summary=f"{waiting.folder}/{SUMMARY}",
            )
        )


class ApprovalRefusedError(RejectedError):
    """The decision file cannot count, or says no; the message says why, in one line."""


def content_hash(candidate: Candidate) -> str:
    """The hash of what would be published: tables and periods, and the release that they change."""
    content = {
        "release_before": candidate.base_release,
        "periods": list(candidate.periods),
        "tables": candidate.hashes(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def demand_approval(approvals: Path, candidate: Candidate, releases: Releases) -> dict[str, Any] | None:
    """Who approved the candidate, as for the manifest; none where its change needs nobody's word.

    The summary of a change that needs one is written to ``approvals/<hash>/``.

    Raises:
        ApprovalNeededError: no decision by two persons is there yet.
        ApprovalRefusedError: a decision does not count, or rejects the release.
    """
    if candidate.base_release is None:
        return None
    change = change_of(candidate, releases.folder(candidate.base_release))
    if not change.points:
        return None
    hashed = content_hash(candidate)
    folder = approvals / hashed
    periods = list(candidate.periods)
    said = {"hash": hashed, "release_before": candidate.base_release, "periods": periods}
    _keep_summary(folder / SUMMARY, said | asdict(change))
    decisions = read_decisions(folder / DECISION, hashed) if (folder / DECISION).exists() else []
    if len(decisions) < PERSONS:
        stale = sorted(path.parent.name for path in approvals.glob(f"*/{DECISION}") if path.parent != folder)
        names = [decision.name for decision in decisions]
        raise ApprovalNeededError(Waiting(hashed, str(folder), periods, change.points, names, stale))
    return {"hash": hashed, "decisions": [decision.model_dump() for decision in decisions]}


def read_decisions(path: Path, hashed: str) -> list[Decision]:
    """The approvals of a decision file on the content ``hashed``.

    Raises:
        ApprovalRefusedError: a key or word is wrong, it is about other content, a person decided twice, or
            one says no.
    """
    try:
        # BaseLoader leaves every scalar a text: a name is one, and a time is read below
        file = _DecisionFile.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader))
    except ValidationError as error:
        raise _refused(path, _sentences(error)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _refused(path, say("approval.unreadable", why=cause(error))) from error
    if file.hash != hashed:
        raise _refused(path, say("approval.other_content", hash=file.hash or "-"))
    decisions = file.decisions
    persons = [decision.person for decision in decisions]
    for decision in decisions:
        if persons.count(decision.person) > 1:
            raise _refused(path, say("approval.person_twice", person=decision.name))
        if decision.decision == "reject":
            raise _refused(path, say("approval.rejected", person=decision.name, reason=decision.reason))
    return decisions


def decide(
    approvals: Path, text: str, name: str, reason: str, at: datetime, word: str = "approve"
) -> Waiting:
    """Add the decision of one person on the content that ``text`` begins the hash of.

    Returns what it is about, and who has approved it now.

    Raises:
        ApprovalRefusedError: nothing of that hash waits, that person has decided, or somebody said no.
    """
    folder = _folder_of(approvals, text)
    path = folder / DECISION
    before = read_decisions(path, folder.name) if path.exists() else []
    said = {"name": name, "decision": word, "reason": reason, "at": at.isoformat(timespec="seconds")}
    try:
        decision = Decision.model_validate(said)
    except ValidationError as error:
        raise _refused(path, _sentences(error)) from None
    if decision.person in {other.person for other in before}:
        raise _refused(path, say("approval.decided", person=decision.name))
    decisions = [one.model_dump() for one in (*before, decision)]
    written = yaml.safe_dump(
        {"hash": folder.name, "decisions": decisions}, sort_keys=False, allow_unicode=True
    )
    write_whole(path, written.encode())
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    approved = [one["name"] for one in decisions if one["decision"] == "approve"]
    return Waiting(folder.name, str(folder), summary["periods"], summary["points"], approved, [])


def _keep_summary(path: Path, summary: dict[str, Any]) -> None:
    content = (json.dumps(summary, indent=1, ensure_ascii=False) + "\n").encode()
    if not path.exists():
        write_whole(path, content)
    elif path.read_bytes() != content:
        raise _refused(path, say("approval.summary_edited"))


def _folder_of(approvals: Path, text: str) -> Path:
    found = sorted(
        path.parent for path in approvals.glob(f"*/{SUMMARY}") if path.parent.name.startswith(text)
    )
    if len(found) != 1:
        wrong = "approval.several" if found else "approval.nothing_waits"
        raise ApprovalRefusedError(say(wrong, at=repr(text), folder=approvals))
    return found[0]


def _sentences(error: ValidationError) -> str:
    return "; ".join(
        say(
            _WRONG.get(one["type"], "approval.not_keys"),
            at=".".join(map(str, one["loc"])) or None,
            given=repr(one["input"]),
        )
        for one in error.errors()
    )


def _refused(path: Path, why: str) -> ApprovalRefusedError:
    return ApprovalRefusedError(f"{path}: {why}")
