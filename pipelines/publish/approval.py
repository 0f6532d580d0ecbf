"""The approval of a release: above a set change it waits for a decision by two persons on just this content.

What is decided on has a hash of its own: the candidate's tables, its periods and the release that it changes.
The same inputs run again give the same hash; anything else is other content, which an old decision does not
cover. Who approved goes into the manifest, beside its content: the content follows from the inputs alone.
Two persons are two names that cannot be taken for each other, from two accounts of the operating system;
where the home lists its approvers (``approvers``) they are two of these, and sign where they have a key.

Put here: whether a decision is owed and whether it is there. Keep out: how large a change is
(``publish.change``), the gate, whose word comes first (``quality``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from pipelines.errors import ExitCode, RejectedError, SpmError
from pipelines.messages import cause, printable_json, say
from pipelines.publish.approvers import (
    Approver,
    account_of_process,
    alike,
    is_name,
    read_approvers,
    strange_letters,
)
from pipelines.publish.candidate import Candidate
from pipelines.publish.change import change_of
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.storage.whole_files import write_whole
from pipelines.storage.yaml_files import YamlFault, read_yaml

SUMMARY, DECISION = "summary.json", "decision.yaml"
PERSONS = 2
"""So many different persons approve a release."""
LEAST_DIGITS = 8
"""So much of a hash names it: fewer digits are easily made to fit other content."""
_CLOCKS_DIFFER = timedelta(minutes=5)


def _with_zone(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("no zone")
    return text


_Filled = Annotated[str, StringConstraints(pattern=r"\S")]


class Decision(BaseModel):
    """What one person said of one content. ``at`` is an instant in ISO 8601 with its zone.

    ``account`` is that of the operating system, as ``spm approve`` found it; ``signature`` that of
    ``signed_text`` by the key which the list of approvers has for the person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Filled
    decision: Literal["approve", "reject"]
    reason: _Filled
    at: Annotated[str, AfterValidator(_with_zone)]
    account: str = ""
    signature: str = ""

    def said(self) -> dict[str, str]:
        """It as written: what is empty is left out."""
        return {name: value for name, value in self.model_dump().items() if value}

    def signed_text(self, hashed: str) -> str:
        """What its signature is of: all it says, and of which content."""
        said = {"hash": hashed, **self.said()}
        said.pop("signature", None)
        return "spm-approval 1\n" + json.dumps(said, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """What decisions have to meet in a home, beside their form.

    ``approvers`` are the persons of its list, where there is one. ``one_account``: persons may share an
    account, where a setting says so. A decision lies between the release that it changes and now.
    """

    approvers: Sequence[Approver] | None
    one_account: bool
    earliest: datetime
    latest: datetime

    @classmethod
    def of(cls, settings: Settings, release_before: str, releases: Releases) -> Terms:
        """Those of a home, for what changes ``release_before``."""
        return cls(
            read_approvers(settings.approvers),
            settings.one_account_approves,
            datetime.fromisoformat(releases.manifest(release_before).published_at),
            settings.clock() + _CLOCKS_DIFFER,
        )

    def wrong(self, decision: Decision, before: Sequence[Decision], hashed: str) -> str | None:
        """Why a decision does not count after those ``before`` it; none where it does."""
        accounts = {other.account: other for other in before}
        if not self.earliest <= datetime.fromisoformat(decision.at) <= self.latest:
            first, last = (bound.isoformat(timespec="seconds") for bound in (self.earliest, self.latest))
            return say("approval.no_such_time", at=decision.name, given=decision.at, first=first, last=last)
        if not self.one_account:
            if not decision.account:
                return say("approval.no_account", at=decision.name)
            if decision.account in accounts:
                other = accounts[decision.account].name
                return say("approval.account_twice", at=decision.name, account=decision.account, other=other)
        return None if self.approvers is None else self._wrong_of_list(self.approvers, decision, hashed)

    def _wrong_of_list(self, approvers: Sequence[Approver], decision: Decision, hashed: str) -> str | None:
        listed = next((one for one in approvers if alike(one.name, decision.name)), None)
        if listed is None:
            return say("approval.not_listed", at=decision.name)
        if listed.account and listed.account != decision.account:
            account = decision.account or "-"
            return say("approval.other_account", at=decision.name, account=account, owed=listed.account)
        if listed.public_key is None:
            return None
        from pipelines.publish.keys import is_signed_by, public_key  # most homes have no keys

        if is_signed_by(public_key(listed.public_key), decision.signed_text(hashed), decision.signature):
            return None
        return say("approval.not_signed", at=decision.name, key=listed.public_key)


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


def demand_approval(settings: Settings, candidate: Candidate, releases: Releases) -> dict[str, Any] | None:
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
    folder = settings.approvals / hashed
    periods = list(candidate.periods)
    said = {"hash": hashed, "release_before": candidate.base_release, "periods": periods}
    _keep_summary(folder / SUMMARY, said | asdict(change))
    terms = Terms.of(settings, candidate.base_release, releases)
    decisions = read_decisions(folder / DECISION, hashed, terms) if (folder / DECISION).exists() else []
    if len(decisions) < PERSONS:
        others = settings.approvals.glob(f"*/{DECISION}")
        stale = sorted(path.parent.name for path in others if path.parent != folder)
        names = [decision.name for decision in decisions]
        raise ApprovalNeededError(Waiting(hashed, str(folder), periods, change.points, names, stale))
    shared = {"one_account": True} if terms.one_account else {}
    return {"hash": hashed, "decisions": [decision.said() for decision in decisions], **shared}


def read_decisions(path: Path, hashed: str, terms: Terms | None = None) -> list[Decision]:
    """The approvals of a decision file on the content ``hashed``, which meet the ``terms`` of a home.

    Raises:
        ApprovalRefusedError: a key or word is wrong, it is about other content, a person or an account
            decided twice, somebody who may not decide did, or one says no.
    """
    try:
        # every scalar is a text: a name is one, and a time is read below
        file = _DecisionFile.model_validate(read_yaml(path))
    except ValidationError as error:
        raise _refused(path, _sentences(error)) from None
    except YamlFault as error:
        raise _refused(path, say("approval.unreadable", why=cause(error))) from error
    if file.hash != hashed:
        raise _refused(path, say("approval.other_content", hash=file.hash or "-"))
    decisions = file.decisions
    for number, decision in enumerate(decisions):
        _demand_name(path, decision)
        if any(alike(decision.name, other.name) for other in decisions[:number]):
            raise _refused(path, say("approval.person_twice", person=decision.name))
    for number, decision in enumerate(decisions):
        before = decisions[:number]
        if terms is not None and (why := terms.wrong(decision, before, hashed)):
            raise _refused(path, why)
        if decision.decision == "reject":
            raise _refused(path, say("approval.rejected", person=decision.name, reason=decision.reason))
    return decisions


def decide(
    settings: Settings, text: str, name: str, reason: str, word: str = "approve", key: Path | None = None
) -> Waiting:
    """Add the decision of one person on the content that ``text`` begins the hash of, signed with a ``key``.

    Returns what it is about, and who has approved it now.

    Raises:
        ApprovalRefusedError: nothing of that hash waits, that person or account has decided, may not decide,
            or somebody said no.
        KeyFileError: the key cannot be used.
    """
    folder = _folder_of(settings.approvals, text)
    path = folder / DECISION
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    terms = Terms.of(settings, summary["release_before"], Releases(settings.published))
    before = read_decisions(path, folder.name, terms) if path.exists() else []
    at = settings.clock().isoformat(timespec="seconds")
    said = {"name": name, "decision": word, "reason": reason, "at": at, "account": account_of_process()}
    try:
        decision = Decision.model_validate(said)
    except ValidationError as error:
        raise _refused(path, _sentences(error)) from None
    _demand_name(path, decision)
    if any(alike(decision.name, other.name) for other in before):
        raise _refused(path, say("approval.decided", person=decision.name))
    if key is not None:
        from pipelines.publish.keys import private_key, sign

        signature = sign(private_key(key), decision.signed_text(folder.name))
        decision = decision.model_copy(update={"signature": signature})
    if why := terms.wrong(decision, before, folder.name):
        raise _refused(path, why)
    decisions = [one.said() for one in (*before, decision)]
    written = yaml.safe_dump(
        {"hash": folder.name, "decisions": decisions}, sort_keys=False, allow_unicode=True
    )
    write_whole(path, written.encode())
    approved = [one["name"] for one in decisions if one["decision"] == "approve"]
    return Waiting(folder.name, str(folder), summary["periods"], summary["points"], approved, [])


def _demand_name(path: Path, decision: Decision) -> None:
    """Go on only where a name is written in letters that can be compared."""
    if strange := strange_letters(decision.name):
        raise _refused(path, say("approval.strange_letters", at=repr(decision.name), letters=strange))
    if not is_name(decision.name):
        raise _refused(path, say("approval.no_name", at=repr(decision.name)))


def _keep_summary(path: Path, summary: dict[str, Any]) -> None:
    content = (printable_json(json.dumps(summary, indent=1, ensure_ascii=False)) + "\n").encode()
    if not path.exists():
        write_whole(path, content)
    elif path.read_bytes() != content:
        raise _refused(path, say("approval.summary_edited"))


def _folder_of(approvals: Path, text: str) -> Path:
    if len(text) < LEAST_DIGITS:
        raise ApprovalRefusedError(say("approval.short", at=repr(text), digits=LEAST_DIGITS))
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
