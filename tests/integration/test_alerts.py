"""Each state of a home reaches each channel once as it begins and once as it ends, by real SMTP and HTTP."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.alerts import telling
from pipelines.alerts.channels import ChannelsError, load_channels
from pipelines.alerts.record import read_states, write_states
from pipelines.build import health, ledger
from pipelines.build.record import Incomplete, RunRecord
from pipelines.build.standing import KINDS, Problem
from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.defs import resources, services
from pipelines.defs.in_process import QUIET
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.page_links import page_link
from pipelines.defs.partitions import range_tags
from pipelines.defs.resources import HomeResource
from pipelines.defs.sensors import alerts
from pipelines.publish.pin import lift_pin, set_pin
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.reports.to_correct import ToCorrect, as_csv
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.storage.lock import one_writer
from tests.integration.alert_servers import HOST, Hook, Mailbox, free_port, http_server, smtp_server
from tests.integration.home import settings_of

PASSWORD = "rahasia-sekali"
TOKEN = "T0KEN-di-jalur"
PERIOD = "2024-Q4"
CLOSED = PeriodVerdict(PERIOD, [Verdict("CO-006", "mart_compliance", "fatal", "fail")], {})


@dataclass(slots=True)
class Office:
    """A home, the mail server and the webhook that it tells."""

    settings: Settings
    mailbox: Mailbox
    smtp_port: int
    hook: Hook

    def configure(self, text: str) -> None:
        self.settings.alerts.parent.mkdir(parents=True, exist_ok=True)
        self.settings.alerts.write_text(text, encoding="utf-8")

    def run(self, number: int, periods: tuple[str, ...] = (PERIOD,), **found: Any) -> None:
        """A run of the ledger that found this; ``error`` and ``follows`` as in the ledger."""
        error, follows = found.pop("error", None), found.pop("follows", None)
        entry = ledger.begin(self.settings, f"{number:08d}-run", "schedule", 1, list(periods), follows)
        entry = replace(entry, started_at=datetime(2025, 2, 1, tzinfo=UTC) + timedelta(hours=number))
        for path in self.settings.runs.glob(f"*-{entry.run_id[:8]}.json"):
            path.unlink()
        ledger.end(self.settings, entry, RunRecord(**found), [], error)

    def tell(self) -> telling.Told:
        return telling.tell(self.settings)


BOTH = """
channels:
- {name: operator, url_env: ALERT_MAIL, to: [operator@dinas.go.id]}
- {name: hook, url_env: ALERT_HOOK}
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    port, mailbox = free_port(), Mailbox()
    with http_server(Hook()) as hook, smtp_server(port, mailbox):
        monkeypatch.setenv("ALERT_MAIL", f"mailto://{HOST}:{port}?from=spm@dinas.go.id")
        monkeypatch.setenv("ALERT_HOOK", f"json://svc:{PASSWORD}@{HOST}:{hook.port}/{TOKEN}")
        made = Office(Settings(tmp_path / "home", least_free_bytes=1), mailbox, port, hook)
        made.configure(BOTH)
        yield made


def test_a_state_is_told_once_as_it_begins_and_once_as_it_ends(office: Office) -> None:
    assert office.tell().began == []
    office.run(1, error="disk I/O error")
    for _ in range(3):
        office.tell()
    assert len(office.mailbox.messages) == len(office.hook.posts) == 1
    assert office.hook.titles == ["SPM 2024-Q4: proses gagal / SPM 2024-Q4: a run failed"]
    assert office.hook.titles == office.mailbox.subjects
    assert office.mailbox.receivers == [["operator@dinas.go.id"]]
    (mail,) = office.mailbox.messages
    assert mail.get_content_type() == "text/plain"
    assert "disk I/O error" in mail.get_content()
    # the same state, and so it is not told again
    office.run(2, error="another reason")
    assert office.tell().began == []
    office.run(3, release_id="r1", is_new=True, published=[PERIOD])
    for _ in range(2):
        office.tell()
    assert len(office.mailbox.messages) == len(office.hook.posts) == 2
    assert office.hook.titles[1] == "SPM 2024-Q4: selesai: proses gagal / SPM 2024-Q4: it ended: a run failed"
    assert read_states(office.settings) == {}
    # it may begin again
    office.run(4, error="again")
    office.tell()
    assert len(office.mailbox.messages) == len(office.hook.posts) == 3


def test_a_channel_that_is_down_is_told_later_and_the_other_one_not_twice(office: Office) -> None:
    office.hook.status = 503
    office.run(1, error="disk I/O error")
    told = office.tell()
    assert [line.partition(":")[0] for line in told.failed] == ["hook"]
    assert len(office.mailbox.messages) == 1
    # it is over before the hook is back: it hears of both, in their order
    office.run(2, release_id="r1", is_new=True)
    office.tell()
    office.hook.status = 200
    assert office.tell().failed == []
    assert len(office.mailbox.messages) == 2
    assert [": selesai:" in title for title in office.hook.titles] == [False, True]
    assert office.tell() == telling.Told()
    assert len(office.hook.posts) == 2


def test_a_mail_server_that_was_down_gets_what_it_missed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("ALERT_MAIL", f"mailto://svc:{PASSWORD}@{HOST}:{port}?from=spm@dinas.go.id")
    office.run(1, error="disk I/O error")
    (line,) = office.tell().failed
    assert line.startswith("operator operator@dinas.go.id: belum diberi tahu")
    assert PASSWORD not in line
    assert len(office.hook.posts) == 1
    late = Mailbox()
    monkeypatch.setenv("ALERT_MAIL", f"mailto://{HOST}:{port}?from=spm@dinas.go.id")
    with smtp_server(port, late):
        assert office.tell().failed == []
        office.tell()
    assert len(late.messages) == 1
    assert len(office.hook.posts) == 1


def test_one_address_that_is_refused_keeps_nobody_from_hearing_once(office: Office) -> None:
    office.configure(BOTH.replace("[operator@dinas.go.id]", "[pindah@dinas.go.id, operator@dinas.go.id]"))
    office.mailbox.refused.add("pindah@dinas.go.id")
    office.run(1, error="disk I/O error")
    for _ in range(2):
        (line,) = office.tell().failed
        assert line.startswith("operator pindah@dinas.go.id: ")
    assert office.mailbox.receivers == [["operator@dinas.go.id"]]


def test_what_a_sender_wrote_is_no_header_no_link_and_no_call(office: Office) -> None:
    hostile = (
        "a.csv\r\nBcc: korban@evil.example\r\n\r\n<!channel> @here [x](https://evil.example) 3201234567890001"
    )
    office.run(1, error=f"2024-Q4: {hostile}")
    office.tell()
    (mail,) = office.mailbox.messages
    assert mail["Bcc"] is None
    assert office.mailbox.receivers == [["operator@dinas.go.id"]]
    for text in (mail.get_content(), office.hook.posts[0]["message"], office.hook.titles[0]):
        assert text.replace("\r\n", "\n").replace("\n", "").isprintable()
        assert not [
            sign for sign in ("<", "@", "](", "https://evil", "\nBcc", "3201234567890001") if sign in text
        ]
    assert "a.csv" in office.hook.posts[0]["message"]


def test_a_closed_gate_is_told_with_a_link_that_no_sender_can_make(office: Office) -> None:
    serving = replace(office.settings.serving, public_url="https://spm.example.go.id/lapor/")
    office.settings = replace(office.settings, serving=serving)
    page = office.settings.closed / "2024-Q4-0123456789ab.html"
    page.parent.mkdir(parents=True)
    page.touch()
    of_sender = "https://spm.example.go.id/lapor/gerbang/2024-Q4-0123456789ab.html https://evil.example"
    listed = [ToCorrect(PERIOD, "64.71", "Kota Balikpapan", of_sender, "L2", "NUM-001", "", of_sender, "-")]
    page.with_suffix(".csv").write_bytes(as_csv(listed))
    office.run(1, verdicts=[CLOSED], page=str(page))
    office.tell()
    lines = office.mailbox.messages[0].get_content().splitlines()
    assert "https://spm.example.go.id/lapor/gerbang/2024-Q4-0123456789ab.html" in lines
    assert sum("https://" in line for line in lines) == 1


def test_dagster_links_to_a_page_where_a_server_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path("/srv/spm/closed/2024-Q4-0123456789ab.html")
    assert page_link(page).value == str(page)
    monkeypatch.setenv("SPM_PUBLIC_URL", "https://spm.example.go.id")
    assert page_link(page).value == f"https://spm.example.go.id/gerbang/{page.name}"
    assert page_link(page, "r0001.html").value == "https://spm.example.go.id/gerbang/r0001.html"
    monkeypatch.setenv("SPM_SERVE_GATES", "no")
    assert page_link(page).value == str(page)


def test_every_kind_of_state_is_told_and_ends(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = office.settings
    page = settings.closed / "p.html"
    page.parent.mkdir(parents=True)
    one = ToCorrect(
        PERIOD,
        "64.71",
        "Kota Balikpapan",
        "laporan.xlsx",
        "Isian!C7",
        "VAL-001",
        "team:intake",
        "Salah.",
        "Wrong.",
    )
    page.with_suffix(".csv").write_bytes(as_csv([one]))
    office.run(1, verdicts=[CLOSED], page=str(page), refused=["2024-Q2"], periods=("2024-Q2", PERIOD))
    office.run(2, periods=("2024-Q1",), waiting={"hash": "ab12" * 16})
    office.run(
        3,
        periods=("2023-Q4",),
        release_id="r",
        database={"failed": "no"},
        incomplete={"portal": Incomplete(["2023-Q4"], [])},
    )
    office.run(4, periods=("2023-Q3",), error="bug")
    monkeypatch.setattr(health, "_due", lambda *_: ["2023-Q2"])
    office.settings = replace(settings, least_free_bytes=2**60)
    kinds = {"run", "gate", "refused", "approval", "database", "source", "due", "disk"}
    office.tell()
    assert {state.kind for state in read_states(settings).values()} == kinds
    assert len(office.hook.posts) == len(office.mailbox.messages) == len(kinds)
    gate = next(post["message"] for post in office.hook.posts if "gerbang" in post["title"])
    assert "CO-006 tidak terpenuhi: Pelapor triwulan sebelumnya" in gate
    assert "Kota Balikpapan (64.71): laporan.xlsx Isian!C7: Salah. / Wrong." in gate
    assert f"spm report --period {PERIOD}" in gate
    approval = next(post["message"] for post in office.hook.posts if "persetujuan" in post["title"])
    assert "spm approve ab12ab12ab12" in approval
    office.settings = settings
    monkeypatch.setattr(health, "_due", lambda *_: [])
    everything = ("2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2", PERIOD)
    office.run(5, periods=everything, release_id="r2", is_new=True)
    office.tell()
    assert len(office.hook.posts) == len(office.mailbox.messages) == 2 * len(kinds)
    assert read_states(settings) == {}


def test_a_run_of_another_quarter_ends_no_state_of_this_one(office: Office) -> None:
    office.run(1, verdicts=[CLOSED])
    office.tell()
    office.run(2, periods=("2024-Q1",), release_id="r1", is_new=True)
    assert office.tell().ended == []
    # nor does a run that was stopped, or met a pin
    office.run(3, release_id="r1", is_new=True)
    assert len(office.tell().ended) == 2


def test_little_disk_is_over_when_there_is_a_tenth_more_than_the_limit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = replace(office.settings, least_free_bytes=1000)
    disk = SimpleNamespace(free=999)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: disk)
    office.settings = limit
    assert len(office.tell().began) == 2
    for disk.free in (1001, 999, 1050):
        told = office.tell()
        assert (told.began, told.ended) == ([], [])
    disk.free = 1100
    assert len(office.tell().ended) == 2


def test_channels_hear_of_their_kinds_and_their_owners_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.configure(
        """
channels:
- {name: intake, url_env: ALERT_MAIL, to: [intake@dinas.go.id], owners: ["team:intake"]}
- {name: ops, url_env: ALERT_HOOK, kinds: [disk, run]}
"""
    )
    problems = [
        Problem("gate", PERIOD, "tutup / closed", owners=("team:intake", "team:scoring")),
        Problem("source", "portal", "kurang / lacking", owners=("team:portal",)),
        Problem("run", PERIOD, "gagal / failed"),
    ]
    monkeypatch.setattr(telling, "_problems", lambda *_: problems)
    office.tell()
    assert [subject.partition(":")[0] for subject in office.mailbox.subjects] == ["SPM 2024-Q4"]
    assert "gerbang" in office.mailbox.subjects[0]
    assert office.hook.titles == ["SPM 2024-Q4: proses gagal / SPM 2024-Q4: a run failed"]


def spm(office: Office, *arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--home", str(office.settings.home)])


def test_a_test_message_reaches_every_channel_with_a_line_each(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    said = spm(office, "alert", "test")
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        "operator operator@dinas.go.id: terkirim / sent",
        "hook: terkirim / sent",
    ]
    assert "Ini pesan uji" in office.mailbox.bodies[0]
    assert office.hook.paths == [f"/{TOKEN}"]
    office.hook.status = 401
    with caplog.at_level(logging.DEBUG):
        said = spm(office, "alert", "test")
    assert said.exit_code == 3
    assert "hook: tidak terkirim" in said.output
    assert "401" in said.output
    assert not [secret for secret in (PASSWORD, TOKEN) if secret in said.output + caplog.text]


def test_a_state_is_told_by_command_for_cron(office: Office) -> None:
    office.run(1, error="disk I/O error")
    said = spm(office, "alert")
    assert said.exit_code == 0, said.output
    assert said.stdout.count("proses gagal") == 2
    assert "2024-Q4" in spm(office, "alert", "run").stdout or len(office.hook.posts) == 1
    office.hook.status = 500
    office.run(2, release_id="r", is_new=True)
    assert spm(office, "alert", "--json").exit_code == 3


def test_a_job_that_fails_is_told_once_and_once_when_it_is_well_again(office: Office) -> None:
    for result, posts in (("exit-code", 1), ("timeout", 1), ("success", 2), ("success", 2)):
        said = spm(office, "alert", "unit", "spm-backup", result)
        assert said.exit_code == 0, said.output
        assert len(office.hook.posts) == len(office.mailbox.messages) == posts
    began, ended = office.hook.posts
    assert "unit spm-backup" in began["title"]
    assert "exit-code" in began["message"]
    assert "journalctl -u spm-backup" in began["message"]
    assert "selesai" in ended["title"]


def test_a_service_that_does_not_answer_is_told_and_a_run_does_not_end_that(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as code_server:
        monkeypatch.setattr(services, "CODE_SERVER_PORT", code_server.getsockname()[1])
        monkeypatch.setenv("SPM_CODE_SERVER", "127.0.0.1")
        assert "tidak ada yang baru" in spm(office, "alert").stdout
    assert "code server" in spm(office, "alert").stdout
    # by a run, which did not look
    assert (office.tell().lasting, len(office.hook.posts)) == (1, 1)
    assert "spm-code-server" in office.hook.posts[0]["message"]
    monkeypatch.delenv("SPM_CODE_SERVER")
    assert "selesai" in spm(office, "alert").stdout
    assert len(office.hook.posts) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channels: [{name: a}]", "url_env"),
        ("channels: [{name: a, url_env: X, kinds: [gatte]}]", "gatte"),
        ("channels: [{name: a, url_env: X, url: 'mailto://u:rahasia@h'}]", "keys:"),
        ("channels: [{name: a, url_env: X, to: ['a@b.id\\nBcc: c@d']}]", "is no e-mail address"),
        ("channels: [{name: a, url_env: X, owners: [intake]}]", "team:"),
        ("channels: [{name: a, url_env: X}, {name: a, url_env: Y}]", "twice"),
        ("saluran: []", "channels"),
        ("- a", "keys"),
    ],
)
def test_a_channels_file_that_is_wrong_is_one_line_and_exit_2(office: Office, text: str, said: str) -> None:
    office.configure(text)
    done = spm(office, "alert", "test")
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert "rahasia" not in done.output
    assert len(done.output.strip().splitlines()) == 1
    # a run goes on, and its log has one line
    lines: list[str] = []
    telling.tell_quietly(office.settings, lines.append)
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "ALERT_HOOK"),
        ("bukan alamat", "no Apprise address"),
        (f"nosuch://{PASSWORD}", "does not know the address"),
        (f"mailto://u:{PASSWORD}@{HOST}/a@b.id/c@d.id?from=x@y.id", "several receivers"),
        (f"json://u:{PASSWORD}@{HOST}:1/{TOKEN}", "not sent"),
        ("/etc/passwd", "no Apprise address"),
        ("file:///etc/passwd", "does not know the address"),
    ],
)
def test_an_address_that_is_wrong_is_one_line_without_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, address: str | None, said: str
) -> None:
    office.configure("channels: [{name: hook, url_env: ALERT_HOOK}]")
    if address is None:
        monkeypatch.delenv("ALERT_HOOK")
    else:
        monkeypatch.setenv("ALERT_HOOK", address)
    done = spm(office, "alert", "test")
    assert done.exit_code == 3, done.output
    assert said in done.output
    assert not [secret for secret in (PASSWORD, TOKEN) if secret in done.output]


def test_a_secret_may_lie_in_a_file(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"json://{HOST}:{office.hook.port}/\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.delenv("ALERT_HOOK")
    monkeypatch.setenv("ALERT_HOOK_FILE", str(file))
    office.run(1, error="disk I/O error")
    assert office.tell().failed == []
    assert len(office.hook.posts) == 1
    monkeypatch.setenv("ALERT_HOOK_FILE", str(tmp_path / "none"))
    office.run(2, release_id="r", is_new=True)
    (line,) = office.tell().failed
    assert "ALERT_HOOK_FILE" in line


def test_a_home_without_channels_tells_nobody_and_writes_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home")
    assert load_channels(settings) == []
    assert telling.tell(settings) == telling.Told()
    assert not settings.home.exists()
    with pytest.raises(ChannelsError):
        load_channels(replace(settings, alerts_file=tmp_path / "none.yaml"))


def test_what_was_told_is_noted_on_a_full_disk_by_way_of_its_reserve(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.alerts import record

    office.run(1, error="disk I/O error")
    office.tell()
    states = read_states(office.settings)
    write, reserve = record.write_whole, office.settings.told.with_suffix(".reserve")
    assert reserve.exists()

    def full(path: Path, content: bytes, mode: int = 0o644) -> None:
        if reserve.exists():
            raise OSError(28, "No space left on device")
        write(path, content, mode)

    monkeypatch.setattr(record, "write_whole", full)
    next(iter(states.values())).told.append("x")
    assert write_states(office.settings, states)
    assert read_states(office.settings) == states


def test_the_kinds_have_titles_and_the_file_names_no_secret(office: Office) -> None:
    assert set(telling._TITLES) == set(KINDS)
    office.run(1, error="disk I/O error")
    office.tell()
    kept = office.settings.told.read_text(encoding="utf-8")
    assert json.loads(kept)
    assert PASSWORD not in kept
    assert office.settings.told.stat().st_mode & 0o077 == 0


def test_a_run_that_died_is_told_before_any_other_run(office: Office) -> None:
    ledger.begin(office.settings, "dead-run", "UI", 1, [PERIOD], None)
    with one_writer(office.settings.home, "spm run"):
        assert office.tell().began == []
    office.tell()
    assert "berhenti di tengah jalan" in office.hook.posts[0]["message"]
    assert ledger.entries(office.settings)[0].ended == "running"


def test_a_pin_whose_last_day_is_over_is_told_until_it_is_lifted(office: Office) -> None:
    day = date(2025, 6, 30)
    pinned = replace(office.settings, now=datetime(2025, 6, 1, tzinfo=UTC))
    set_pin(pinned, "r0001-aa", "Siti", "angka keliru", day)
    state = replace(health.health_of(pinned), release_id="r0001-aa")
    assert telling._problems(pinned, state) == []
    later = replace(pinned, now=datetime(2025, 6, 30, 17, tzinfo=UTC))
    (found,) = telling._problems(later, state)
    assert (found.kind, found.subject) == ("pin over", "r0001-aa 2025-06-30")
    assert telling._problems(later, replace(state, release_id="r0002-bb")) == []
    lift_pin(later)
    assert telling._problems(later, state) == []


def test_a_run_of_dagster_tells_as_it_ends_and_a_tick_of_the_sensor_what_no_run_sees(
    office: Office, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path)
    definitions = build_definitions(settings)

    def launched() -> None:
        with dg.DagsterInstance.ephemeral() as instance:
            definitions.resolve_job_def(JOB_NAME).execute_in_process(
                tags=range_tags([PERIOD]), instance=instance, raise_on_error=False, run_config=QUIET
            )

    launched()
    assert office.hook.titles == ["SPM 2024-Q4: proses gagal / SPM 2024-Q4: a run failed"]
    assert "tidak ada satu baris pun" in office.hook.posts[0]["message"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "WAIT_SECONDS", 0.1)
        with one_writer(settings.home, "spm run 2024-Q3"):
            launched()
    assert "spm run 2024-Q3" in (ledger.entries(settings)[0].error or "")
    home = HomeResource(path=str(settings.home))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "_due", lambda *_: ["2025-Q1"])
        for _ in range(2):
            with dg.build_sensor_context(resources={"home": home}) as context:
                said = alerts(context)
    assert isinstance(said, dg.SkipReason)
    assert office.hook.titles[1:] == ["SPM 2025-Q1: triwulan belum terbit / SPM 2025-Q1: a quarter is due"]


def test_the_channels_file_of_the_page_is_read(office: Office) -> None:
    page = (PROJECT_DIR / "docs" / "runbooks" / "alerts.md").read_text(encoding="utf-8")
    office.configure(page.split("```yaml\n")[1].split("```")[0])
    assert [channel.name for channel in load_channels(office.settings)] == ["operator", "intake"]
    assert set(re.findall(r"^\| (.+?) \|", page, re.MULTILINE)) >= {"`run`", "`gate`", "`due`"}
