"""What senders write in cells and names, and folders of any name, on whole runs and every command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from tests.integration.home import document, put, settings_of

pytestmark = [pytest.mark.attack("output"), pytest.mark.open_gate]

PERIOD = "2024-Q4"
HOSTILE = (
    "\x1b[31m\x9b2J[red]x[/red] [/nothing] :bomb:\u202egnp\x07"
    "\x1b]8;;https://evil.example\x1b\\y\nspm: r0009 published\u2028\x7f"
)
ODD_FOLDERS = (
    "it's 100% #1; *[x] é 北 {y} $HOME %41 a::b ~ period=2024",
    '"quoted" \\n --all \'); drop table t; -- & <b> | `id`',
)


def _row(region: str, **others: str) -> dict[str, str]:
    row = {"record": "achievement", "region": region, "period": PERIOD, "service": "K-PEND-01"}
    return {**row, "component": "recipients", "target": "100", "realised": "90", **others}


def _spm(settings: Settings, *arguments: str, code: int | None = 0) -> Result:
    said = CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])
    assert code in (None, said.exit_code), said.output
    return said


def _run(settings: Settings, *options: str, code: int = 0) -> Result:
    return _spm(settings, "run", PERIOD, "--sources", str(settings.sources_file), *options, code=code)


class TestACellThatActsOnATerminal:
    @pytest.fixture
    def hostile(self, tmp_path: Path) -> Settings:
        settings = settings_of(tmp_path)
        rows = [
            _row("64.71", note=HOSTILE),
            _row("64.71", service="K-PEND-02", realised=HOSTILE),
            _row("64.72", service=HOSTILE),
            _row("64.72", unit=HOSTILE, component=HOSTILE),
            _row(HOSTILE),
            _row("64.74", period=HOSTILE),
            _row("64.74", realised="x" * 20_000),
        ]
        inbox = settings.home.parent / "inbox"
        put(inbox / "rows.csv", document(rows))
        put(inbox / "\x1b[31m\u202efdp.csv", document([_row("64.71", item=HOSTILE)]))
        put(inbox / "none.csv", f"{HOSTILE};\x1b[2J\n".encode())
        return settings

    def test_is_letters_in_what_a_run_and_an_explanation_say(self, hostile: Settings) -> None:
        said = [_run(hostile), _spm(hostile, "explain", "64.71", PERIOD)]
        _demand_letters(said)
        assert "%1B[31m" in said[0].output + said[1].output
        assert not [path for path in hostile.home.rglob("*") if not path.name.isprintable()]

    @pytest.mark.slow
    def test_is_letters_in_all_that_other_commands_say(self, hostile: Settings) -> None:
        inbox = sorted(map(str, (hostile.home.parent / "inbox").glob("*.csv")))
        said = [
            _run(hostile, "--json"),
            _run(hostile, "--plan", "--all"),
            _spm(hostile, "explain", "64.72", PERIOD, "--json"),
            _spm(hostile, "report"),
            _spm(hostile, "gate", "mart_finding", code=None),
            _spm(hostile, "trace", "rows.csv:L3", code=None),
            CliRunner().invoke(app, ["check", *inbox]),
            CliRunner().invoke(app, ["check", "--json", *inbox]),
        ]
        _demand_letters(said)


def _demand_letters(said: list[Result]) -> None:
    for one in said:
        assert one.output.replace("\n", "").isprintable(), repr(one.output)
        assert not any(line.startswith("spm: r0009") for line in one.output.splitlines())


class TestAFolderOfAnyName:
    @pytest.fixture
    def home_of(self, tmp_path: Path) -> Callable[[str], Settings]:
        def made(name: str) -> Settings:
            folder = tmp_path / "up" / name
            folder.mkdir(parents=True)
            settings = settings_of(folder)
            put(folder / "inbox" / "rows.csv", document([_row("64.71"), _row("64.72")]))
            # what the name of the folder means as a pattern is another's
            other = tmp_path / "up" / "it's 100% #1; 1x é 北 {y} $HOME %41 a::b ~ period=2024"
            put(other / "inbox" / "not_ours.csv", document([_row("64.74")]))
            return settings

        return made

    def test_is_received_from_built_published_and_explained(self, home_of: Callable[[str], Settings]) -> None:
        odd = home_of(ODD_FOLDERS[0])
        _run(odd)
        releases = Releases(odd.published)
        assert releases.verify(releases.current_id()) == []
        _spm(odd, "explain", "64.71", PERIOD)
        kept = "".join(path.read_text() for path in (odd.raw / "receipts").glob("*.ndjson"))
        assert "rows.csv" in kept
        assert "not_ours" not in kept

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ODD_FOLDERS)
    def test_is_as_good_as_any_other_for_every_command(
        self, home_of: Callable[[str], Settings], name: str
    ) -> None:
        odd = home_of(name)
        _run(odd)
        put(odd.home.parent / "inbox" / "more.csv", document([_row("64.73")]))
        said = _run(odd)
        # a run that Dagster cannot keep is a run all the same, and says so
        assert ("tidak tercatat" in said.stderr) == ("%41" in name)
        _run(odd, "--no-record")
        releases = Releases(odd.published)
        assert [len(releases.ids()), releases.verify(releases.current_id())] == [2, []]
        _spm(odd, "verify")
        _spm(odd, "explain", "64.71", PERIOD)
        _spm(odd, "report")
        _spm(odd, "export")
        _spm(odd, "diff", "previous", "latest")
        _spm(odd, "rebuild")
        _spm(odd, "run", PERIOD, "--as-of", "2025-06-02")
        _spm(odd, "explain", "64.71", PERIOD, "--as-of", "2025-06-02")
        _spm(odd, "form", "64.71", PERIOD, "--to", str(odd.home / "form.xlsx"))
        read = str(odd.home.parent / "inbox" / "rows.csv")
        checked = CliRunner().invoke(app, ["check", read, "--sources", str(odd.sources_file)])
        assert checked.exit_code in (0, 1), checked.output
