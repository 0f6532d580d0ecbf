"""A release that changes much of what is published waits for two persons, who decide on just this content."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from pipelines.build.rebuild import rebuild
from pipelines.cli.app import app
from pipelines.cli.runs import run_periods
from pipelines.publish import approval, change
from pipelines.publish.approval import ApprovalNeededError, ApprovalRefusedError, Terms, read_decisions
from pipelines.publish.approvers import account_of_process
from pipelines.publish.releases import Releases
from pipelines.registry.gate_limits import gate_limits
from pipelines.settings import Settings
from tests.integration import home
from tests.integration.home import NOW, RECEIVED, document, publish_periods, put
from tests.integration.test_signed_history import Keys, keys

pytestmark = pytest.mark.attack("approval")

PERIOD = "2024-Q4"
REGIONS = ["64.71", "64.72", "64.74", "64.08", "64.02"]


def settings_of(folder: Path) -> Settings:
    """A home whose approvers share the one account of the machine that tests run on."""
    return replace(home.settings_of(folder), one_account_approves=True)


def send(settings: Settings, day: int, **indexes: int) -> None:
    """A published index of some regions, received on a day of January."""
    rows = [
        {"record": "published_index", "region": code, "period": PERIOD, "realised": str(index)}
        for code, index in zip(REGIONS, indexes.values(), strict=False)
    ]
    put(settings.home.parent / "inbox" / f"{day}.csv", document(rows), RECEIVED.replace(day=day))


def spm(settings: Settings, *arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])


def approve(settings: Settings, content: str, name: str) -> Any:
    return spm(settings, "approve", content, "--name", name, "--reason", "sudah ditinjau")


def lower_limits(patch: pytest.MonkeyPatch) -> None:
    """Limits that five regions reach: the least counts are 3."""
    least = {"min_regions", "min_reporters"}
    lowered = [replace(one, value=Decimal(3)) if one.parameter in least else one for one in gate_limits()]
    patch.setattr(change, "gate_limits", lambda: lowered)


@pytest.fixture(autouse=True)
def of_a_small_home(monkeypatch: pytest.MonkeyPatch) -> None:
    lower_limits(monkeypatch)
    monkeypatch.setenv("SPM_ONE_ACCOUNT_APPROVES", "yes")
    monkeypatch.setenv("SPM_NOW", NOW.isoformat())


@pytest.fixture(scope="module", autouse=True)
def _judged_by_one_suite() -> Iterator[None]:
    """An id is told by its verdicts too, so that the gate is asked, though of one table."""
    with home.judged_by("mart_national_score"):
        yield


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Five regions published, and a new index of two of them sent: one falls by two bands. Copy it."""
    settings = settings_of(tmp_path_factory.mktemp("published"))
    send(settings, 10, a=91, b=85, c=75, d=65, e=50)
    # the release is built again, and its id is told by its verdicts too
    publish_periods(settings, [PERIOD], judged=True)
    send(settings, 12, a=71, b=84)
    return settings


@pytest.fixture
def settings(made_once: Settings, tmp_path: Path) -> Settings:
    """The same in a home of the test's own."""
    shutil.copytree(made_once.home.parent, tmp_path / "copy", symlinks=True)
    return settings_of(tmp_path / "copy")


@pytest.fixture(scope="module")
def waiting_once(made_once: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """A home in which the new indexes are built and wait, and the hash of what waits. Copy it."""
    folder = tmp_path_factory.mktemp("waiting") / "copy"
    shutil.copytree(made_once.home.parent, folder, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        lower_limits(patch)
        return settings_of(folder), waiting(settings_of(folder))


@pytest.fixture
def waits(waiting_once: tuple[Settings, str], tmp_path: Path) -> tuple[Settings, str]:
    """The same in a home of the test's own."""
    shutil.copytree(waiting_once[0].home.parent, tmp_path / "waits", symlinks=True)
    return settings_of(tmp_path / "waits"), waiting_once[1]


def waiting(settings: Settings) -> str:
    """The hash that waits once the new indexes are built."""
    with pytest.raises(ApprovalNeededError) as needed:
        publish_periods(settings, [PERIOD])
    return needed.value.waiting.hash


def folder(settings: Settings, content: str) -> Path:
    return settings.approvals / content


def test_a_run_waits_says_why_and_publishes_after_two_approvals(settings: Settings) -> None:
    (first,) = Releases(settings.published).ids()
    arguments = ["run", PERIOD, "--sources", str(settings.sources_file)]
    said = spm(settings, *arguments)
    assert said.exit_code == 5, said.output
    shown = " ".join(said.stdout.split())
    assert "menunggu persetujuan dua orang / " in shown
    assert "1 dari 5 daerah" in shown
    (content,) = [path.name for path in settings.approvals.iterdir()]
    assert f"spm approve {content[:12]}" in shown
    assert Releases(settings.published).ids() == [first]
    assert len(list((settings.raw / "receipts").iterdir())) >= 2
    assert not any(path.is_dir() for path in settings.work.iterdir())

    assert approve(settings, content[:12], "Siti Aminah").exit_code == 0
    assert spm(settings, *arguments).exit_code == 5
    assert approve(settings, content[:12], "Budi").exit_code == 0
    said = spm(settings, *arguments)
    assert said.exit_code == 0, said.output
    manifest = Releases(settings.published).current()
    assert manifest is not None
    assert manifest.number == 2
    assert manifest.approval is not None
    assert manifest.approval["hash"] == content
    assert [one["name"] for one in manifest.approval["decisions"]] == ["Siti Aminah", "Budi"]
    assert {one["account"] for one in manifest.approval["decisions"]} == {account_of_process()}
    assert manifest.approval["one_account"] is True
    assert Releases(settings.published).verify(manifest.release_id) == []
    assert rebuild(settings, manifest.release_id).unlike == []


def test_the_summary_names_what_moves(waits: tuple[Settings, str]) -> None:
    settings, content = waits
    summary = json.loads((folder(settings, content) / "summary.json").read_text())
    assert {(point["point"], point["period"]) for point in summary["points"]} == {
        ("AP-001", PERIOD),
        ("AP-002", PERIOD),
    }
    moved = {point["scope"]: point for point in summary["points"] if point["point"] == "AP-002"}
    assert moved["regency_city"]["index_before"] == "73.200000"
    assert [(row["region_code"], row["band_before"], row["band_now"]) for row in summary["regions"]] == [
        ("64.71", "utama", "pratama")
    ]


def test_the_same_inputs_have_the_same_hash_and_other_content_another(waits: tuple[Settings, str]) -> None:
    settings, content = waits
    assert waiting(settings) == content
    for name in ("Siti", "Budi"):
        approve(settings, content, name)
    send(settings, 14, a=72, b=84)
    with pytest.raises(ApprovalNeededError) as needed:
        publish_periods(settings, [PERIOD])
    assert needed.value.waiting.hash != content
    assert needed.value.waiting.stale == [content]
    assert needed.value.waiting.approved_by == []


def test_where_several_quarters_are_published_each_is_held_against_its_own_limits(tmp_path: Path) -> None:
    """It was a fault of ours: the limit of a quarter was looked up among those of every quarter."""
    settings = settings_of(tmp_path)
    send(settings, 10, a=91, b=85, c=75, d=65, e=50)
    before = [
        {"record": "published_index", "region": code, "period": "2024-Q3", "realised": "60"}
        for code in REGIONS
    ]
    put(tmp_path / "inbox" / "q3.csv", document(before), RECEIVED)
    publish_periods(settings, ["2024-Q3", PERIOD])
    send(settings, 12, a=71, b=84)
    summary = json.loads((folder(settings, waiting(settings)) / "summary.json").read_text())
    assert {(point["point"], point["period"]) for point in summary["points"]} == {
        ("AP-001", PERIOD),
        ("AP-002", PERIOD),
    }
    assert [row["region_code"] for row in summary["regions"]] == ["64.71"]


def decision(name: str = "Siti", **keys: str) -> dict[str, str]:
    """What one person decided, changed as the case wants."""
    return {"name": name, "decision": "approve", "reason": "-", "at": "2025-02-01T10:00:00+07:00", **keys}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        pytest.param({"hash": "0" * 64}, "keputusan untuk isi lain", id="a decision for another hash"),
        pytest.param(
            {"decisions": [decision("Siti Aminah"), decision(" siti  AMINAH")]},
            "satu orang dua kali",
            id="one person twice",
        ),
        pytest.param(
            {"decisions": [decision(), decision("Budi", decision="reject", reason="salah")]},
            "ditolak oleh Budi: salah / rejected by Budi: salah",
            id="one says no",
        ),
        pytest.param({"approved": "yes"}, "approved: kunci tidak dikenal / unknown key", id="an unknown key"),
        pytest.param(
            {"decisions": [decision(role="x")]},
            "role: kunci tidak dikenal / unknown key",
            id="an unknown key of a decision",
        ),
        pytest.param({"decisions": [decision(decision="ok")]}, "'ok'; approve / reject", id="another word"),
        pytest.param({"decisions": [decision(at="kemarin")]}, "at: 'kemarin'", id="no time"),
        pytest.param({"decisions": [decision(at="2025-02-01T10:00:00")]}, "at: ", id="a time without zone"),
        pytest.param({"decisions": [decision(" ")]}, "name: belum diisi", id="no name"),
        pytest.param({"decisions": "Siti, Budi"}, "harus berupa daftar", id="no list"),
        pytest.param({"decisions": None}, "", id="nothing decided"),
    ],
)
def test_a_decision_that_does_not_count_is_refused_in_one_line(
    written: dict[str, Any], why: str, tmp_path: Path
) -> None:
    path = tmp_path / "decision.yaml"
    good = {"hash": "a" * 64, "decisions": [decision(), decision("Budi")]}
    path.write_text(yaml.safe_dump(good))
    assert [one.name for one in read_decisions(path, "a" * 64)] == ["Siti", "Budi"]
    path.write_text(yaml.safe_dump(good | written))
    with pytest.raises(ApprovalRefusedError) as refused:
        read_decisions(path, "a" * 64)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_run_refuses_what_does_not_count_and_publishes_nothing(waits: tuple[Settings, str]) -> None:
    settings, content = waits
    kept = folder(settings, content)
    twice = {"hash": content, "decisions": [decision("Siti"), decision("SITI")]}
    (kept / "decision.yaml").write_text(yaml.safe_dump(twice))
    with pytest.raises(ApprovalRefusedError, match="satu orang dua kali"):
        run_periods(settings, [PERIOD])
    (kept / "decision.yaml").unlink()
    summary = kept / "summary.json"
    summary.write_text(summary.read_text().replace('"regions_moved": 1', '"regions_moved": 0'))
    assert approve(settings, content, "Siti").exit_code == 0
    assert approve(settings, content, "Budi").exit_code == 0
    with pytest.raises(ApprovalRefusedError, match="ringkasan diubah"):
        publish_periods(settings, [PERIOD])
    assert len(Releases(settings.published).ids()) == 1


def test_the_command_refuses_a_second_word_of_one_person_and_what_does_not_wait(
    waits: tuple[Settings, str],
) -> None:
    settings, content = waits
    assert approve(settings, content, "Siti").exit_code == 0
    again = approve(settings, content, "siti ")
    assert again.exit_code == 1
    assert "sudah memutuskan" in again.stderr
    assert approve(settings, "f" * 12, "Budi").exit_code == 1
    rejected = spm(settings, "approve", content, "--name", "Budi", "--reason", "salah", "--reject")
    assert rejected.exit_code == 0
    assert approve(settings, content, "Tuti").exit_code == 1


def by_account(patch: pytest.MonkeyPatch, account: str) -> None:
    patch.setattr(approval, "account_of_process", lambda: account)


def approved(settings: Settings, content: str) -> list[str]:
    """The names in the decision file."""
    path = folder(settings, content) / "decision.yaml"
    return [one["name"] for one in yaml.safe_load(path.read_text())["decisions"]] if path.exists() else []


@pytest.mark.parametrize(
    "second",
    [
        pytest.param("SITI  aminah", id="case and blanks"),
        pytest.param("Siti\u200bAminah", id="a letter that nobody sees"),
        pytest.param("Siti\u00a0Aminah", id="another blank"),
        pytest.param("\uff33\uff49\uff54\uff49 Aminah", id="wide letters"),
        pytest.param("\U0001d412\U0001d422\U0001d42d\U0001d422 Aminah", id="letters of mathematics"),
        pytest.param("S\u00edti Aminah", id="a mark"),
        pytest.param("Siti Arninah", id="rn for m"),
        pytest.param("Slti Aminah", id="l for i"),
        pytest.param("Aminah, Siti", id="the words turned round"),
        pytest.param("Siti-Aminah.", id="signs"),
        pytest.param("SitiAminah", id="in one word"),
        pytest.param("\u0405iti Aminah", id="a Cyrillic letter"),
        pytest.param("Siti \u0410minah", id="another Cyrillic letter"),
        pytest.param("Sit\u0131 Aminah", id="a letter without its dot"),
        pytest.param("\u13da\u13a5ti Aminah", id="Cherokee letters"),
        pytest.param("\u200b\u00ad", id="letters that nobody sees alone"),
        pytest.param("--", id="signs alone"),
    ],
)
def test_a_second_name_that_may_be_the_first_one_is_refused(second: str, waits: tuple[Settings, str]) -> None:
    settings, content = waits
    assert approve(settings, content, "Siti Aminah").exit_code == 0
    said = approve(settings, content, second)
    assert said.exit_code == 1, said.output
    assert len(said.stderr.splitlines()) == 1
    assert approved(settings, content) == ["Siti Aminah"]
    # nor by hand
    path = folder(settings, content) / "decision.yaml"
    twice = {"hash": content, "decisions": [decision("Siti Aminah"), decision(second)]}
    path.write_text(yaml.safe_dump(twice))
    with pytest.raises(ApprovalRefusedError):
        read_decisions(path, content)


def test_one_account_approves_once(waits: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch) -> None:
    settings, content = waits
    monkeypatch.setenv("SPM_ONE_ACCOUNT_APPROVES", "no")
    by_account(monkeypatch, "siti")
    assert approve(settings, content, "Siti").exit_code == 0
    said = approve(settings, content, "Budi")
    assert said.exit_code == 1
    assert "account siti has decided as Siti" in said.stderr
    by_account(monkeypatch, "budi")
    assert approve(settings, content, "Budi").exit_code == 0
    made = publish_periods(replace(settings, one_account_approves=False), [PERIOD])
    manifest = Releases(settings.published).manifest(made.release_id)
    assert manifest.approval is not None
    assert [one["account"] for one in manifest.approval["decisions"]] == ["siti", "budi"]
    assert "one_account" not in manifest.approval


@pytest.mark.parametrize(
    ("decisions", "why"),
    [
        ([decision("Siti", account="a"), decision("Budi", account="a")], "account a has decided as Siti"),
        ([decision("Siti", account="a"), decision("Budi")], "has no account"),
        ([decision("Siti", at="2031-01-01T00:00:00+07:00", account="a")], "the time 2031"),
        ([decision("Siti", at="1990-01-01T00:00:00+07:00", account="a")], "the time 1990"),
    ],
)
def test_a_file_written_by_hand_counts_no_more_than_the_command(
    decisions: list[dict[str, str]], why: str, waits: tuple[Settings, str]
) -> None:
    settings, content = waits
    at = {"at": NOW.isoformat()}
    written = [one if one["at"] != decision()["at"] else one | at for one in decisions]
    path = folder(settings, content) / "decision.yaml"
    path.write_text(yaml.safe_dump({"hash": content, "decisions": written}))
    with pytest.raises(ApprovalRefusedError, match=why):
        publish_periods(replace(settings, one_account_approves=False), [PERIOD])
    assert len(Releases(settings.published).ids()) == 1


@pytest.mark.parametrize("digits", [0, 1, 7])
def test_a_few_digits_of_a_hash_name_nothing(digits: int, waits: tuple[Settings, str]) -> None:
    settings, content = waits
    said = approve(settings, content[:digits], "Siti")
    assert said.exit_code == 1
    assert "at least 8 digits" in said.stderr
    assert approve(settings, content[:8], "Siti").exit_code == 0


def list_approvers(settings: Settings, *rows: str) -> None:
    settings.approvers.parent.mkdir(exist_ok=True)
    settings.approvers.write_text("\n".join(["name,account,public_key", *rows]) + "\n")


def test_where_approvers_are_listed_nobody_else_counts(
    waits: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, content = waits
    list_approvers(settings, "Siti Aminah,siti,", "Budi Santoso,,", "Tuti,,")
    by_account(monkeypatch, "budi")
    assert "is not in registry/approvers.csv" in approve(settings, content, "Joko").stderr
    assert "account budi, and siti is owed" in approve(settings, content, "Siti Aminah").stderr
    assert approved(settings, content) == []
    assert approve(settings, content, "Budi Santoso").exit_code == 0
    by_account(monkeypatch, "siti")
    assert approve(settings, content, "siti aminah").exit_code == 0
    # one who was struck off the list since
    list_approvers(settings, "Siti Aminah,siti,", "Tuti,,")
    with pytest.raises(ApprovalRefusedError, match="Budi Santoso: "):
        publish_periods(settings, [PERIOD])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (["Siti,a,", "S\u00cdTI,b,"], "L3: sama dengan Siti"),
        (["Siti,a,", "Budi,a,"], "L3: sama dengan Siti"),
        (["\u0405iti,a,"], "U+0455"),
        (["Siti,a"], "its columns must be name,account,public_key"),
        ([",a,"], "is no name"),
    ],
)
def test_a_list_of_approvers_that_cannot_be_is_named(
    rows: list[str], why: str, waits: tuple[Settings, str]
) -> None:
    settings, content = waits
    list_approvers(settings, *rows)
    said = approve(settings, content, "Siti")
    assert said.exit_code == 2, said.output
    assert "approvers.csv L" in said.stderr
    assert why in said.stderr
    assert approved(settings, content) == []


@pytest.fixture
def of_siti(waits: tuple[Settings, str]) -> Keys:
    """The keys of Siti, who is listed with the public one; Budi has none."""
    list_approvers(waits[0], "Siti,,siti.pub.pem", "Budi,,")
    return keys(waits[0].approvers.parent, "siti")


def sign(settings: Settings, content: str, name: str, key: Path) -> Any:
    return spm(settings, "approve", content, "--name", name, "--reason", "benar", "--key", str(key))


def test_who_has_a_key_signs(waits: tuple[Settings, str], of_siti: Keys, tmp_path: Path) -> None:
    settings, content = waits
    for said in (
        approve(settings, content, "Siti"),
        sign(settings, content, "Siti", keys(tmp_path, "unknown").private),
    ):
        assert said.exit_code == 1
        assert "has no signature that fits" in said.stderr
    assert sign(settings, content, "Siti", of_siti.private).exit_code == 0
    assert approve(settings, content, "Budi").exit_code == 0
    made = publish_periods(settings, [PERIOD])
    found = Releases(settings.published).manifest(made.release_id).approval
    assert found is not None
    assert ["signature" in one for one in found["decisions"]] == [True, False]


@pytest.mark.parametrize("word", ["decision", "reason", "at", "account", "name", "signature", "hash"])
def test_a_signed_decision_that_was_changed_does_not_count(
    word: str, waits: tuple[Settings, str], of_siti: Keys
) -> None:
    settings, content = waits
    assert sign(settings, content, "Siti", of_siti.private).exit_code == 0
    path = folder(settings, content) / "decision.yaml"
    said = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    (own,) = said["decisions"]
    others = {"decision": "reject", "at": "2025-06-01T03:01:00+00:00", "name": "SITI"}
    terms = Terms.of(settings, Releases(settings.published).ids()[0], Releases(settings.published))
    assert read_decisions(path, content, terms)
    if word == "hash":
        said["hash"] = content = "0" * 64
    else:
        own[word] = others.get(word, own[word] + "x")
    path.write_text(yaml.safe_dump(said))
    with pytest.raises(ApprovalRefusedError, match="has no signature that fits"):
        read_decisions(path, content, terms)
