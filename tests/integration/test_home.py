"""A new home, as `spm init` writes it, runs; quarters after those of ``periods.csv`` are like any other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.definitions import definitions
from pipelines.registry.home_rows import HOME_SEEDS, serve
from pipelines.registry.periods import Period
from pipelines.registry.windows import window_of
from pipelines.settings import PROJECT_DIR, Settings, SettingsError, read_settings
from pipelines.sources.config import load_sources
from tests.integration.home import document, open_gate, publish_periods, published, put, settings_of
from tests.integration.test_sector_blocking import BALIKPAPAN, health

NOW_2027 = "2027-04-27T03:00:00+00:00"
EXAMPLES = ("archive", "portal", "espm", "dinkes")


def spm(*arguments: str, code: int = 0, given: dict[str, str] | None = None) -> str:
    """What a command says on standard output and error."""
    done = CliRunner().invoke(app, list(arguments), env=given)
    assert done.exit_code == code, done.output
    return done.output


def with_example(sources: Path, name: str) -> None:
    """Take the comment signs of one example away, as the file says."""
    lines = sources.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"#  - name: {name}")
    end = next(number for number in range(start, len(lines) + 1) if number == len(lines) or not lines[number])
    lines[start:end] = [line.removeprefix("#") for line in lines[start:end]]
    sources.write_text("\n".join(lines) + "\n", encoding="utf-8")


class TestANewHome:
    def test_has_a_sources_file_that_is_valid_with_each_of_its_examples(self, tmp_path: Path) -> None:
        spm("init", str(tmp_path / "rumah"))
        sources = tmp_path / "rumah" / "sources.yaml"
        assert [source.name for source in load_sources(sources)] == ["eforms"]
        for example in EXAMPLES:
            with_example(sources, example)
        assert [source.name for source in load_sources(sources)] == ["eforms", *EXAMPLES]

    def test_names_each_folder_of_a_run_in_its_readme(self, tmp_path: Path) -> None:
        spm("init", str(tmp_path))
        readme = (tmp_path / "README.md").read_text(encoding="utf-8")
        settings = Settings(tmp_path)
        folders = {getattr(settings, name) for name, of in vars(Settings).items() if isinstance(of, property)}
        named = {folder.relative_to(tmp_path).parts[0] for folder in folders if isinstance(folder, Path)}
        assert [name for name in sorted(named - {".demo"}) if not re.search(rf"`{name}/?`", readme)] == []

    def test_is_written_once_and_keeps_what_was_filled_in(self, tmp_path: Path) -> None:
        spm("init", given={"SPM_HOME": str(tmp_path)})
        (tmp_path / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
        (tmp_path / "spm.env").chmod(0o600)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
        (tmp_path / "registry" / "waivers.csv").unlink()
        said = spm("init", str(tmp_path))
        assert [line.split(":")[0] for line in said.splitlines() if "ditulis" in line] == [
            str(tmp_path / "registry" / "waivers.csv")
        ]
        assert {path: path.stat().st_mtime_ns for path in before if path.name != "waivers.csv"} == {
            path: time for path, time in before.items() if path.name != "waivers.csv"
        }

    @pytest.mark.parametrize("there", ["laporan.xlsx", "README.md", ".demo"])
    def test_is_not_written_among_something_else(self, tmp_path: Path, there: str) -> None:
        (tmp_path / there).touch()
        said = spm("init", str(tmp_path), code=2)
        assert len(said.splitlines()) == 1
        assert [path.name for path in tmp_path.iterdir()] == [there]

    @pytest.mark.parametrize("address", ["s3://bucket/spm", "postgresql://db/spm", "file:///srv/spm"])
    def test_is_no_address(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        monkeypatch.chdir(tmp_path)
        assert "folder" in spm("init", address, code=2)
        assert list(tmp_path.iterdir()) == []

    def test_has_the_files_of_its_registry_with_no_row(self, tmp_path: Path) -> None:
        spm("init", str(tmp_path))
        assert {path.stem for path in (tmp_path / "registry").iterdir()} == set(HOME_SEEDS)
        assert "adds no row" in spm("registry", "check", "--home", str(tmp_path))


def commands(group: Any = None, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of ``spm`` by its names."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*names, name))
        else:
            yield (*names, name), command


GIVEN = {
    **{"periods": "2024-Q4", "period": "2024-Q4", "region": "64.71", "rule_id": "VAL-001"},
    **{"content": "0" * 12, "release_id": "latest", "old": "latest", "new": "latest", "name": "Siti"},
    **{"table": "mart_region_score", "source_ref": "fd834351fe5e:L1", "reason": "uji", "key": "kunci.pem"},
}
MAY_DO_WITHOUT = {("demo",), ("form",)}
"""A demo has a home of its own, which it names; a form of a region that sent nothing before needs none."""
OF_A_HOME = sorted(
    names
    for names, command in commands()
    if (names == ("init",) or "home" in {one.name for one in command.params}) and names not in MAY_DO_WITHOUT
)


@pytest.mark.parametrize("names", OF_A_HOME, ids=" ".join)
def test_no_command_takes_a_home_by_itself(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("SPM_HOME", "SPM_SOURCES"):
        monkeypatch.delenv(variable, raising=False)
    command = dict(commands())[names]
    asked = []
    for one in command.params:
        if one.required:
            asked += [
                *([one.opts[0]] if one.param_type_name == "option" else []),
                GIVEN.get(one.name, "apa-saja"),
            ]
    said = spm(*names, *asked, code=2)
    assert "SPM_HOME" in said
    assert list(tmp_path.iterdir()) == []


def test_without_a_home_none_is_found_where_one_happens_to_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPM_HOME", raising=False)
    (tmp_path / "spm_home").mkdir()
    home = read_settings({}).home
    assert not home.exists()
    with pytest.raises(OSError, match="Not a directory"):
        home.mkdir(parents=True)
    with pytest.raises(SettingsError, match="SPM_HOME"):
        definitions()


def test_the_page_is_followed_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (PROJECT_DIR / "docs" / "runbooks" / "home.md").read_text(encoding="utf-8")
    said = []
    for kind, file, text in re.findall(r"^```(csv|sh) ?(\S*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        if kind == "csv":
            with Path(file).open("a", encoding="utf-8") as rows:
                rows.write(text)
            continue
        for command in text.splitlines():
            code = 4 if "--plan" in command else 0  # nothing was handed in yet
            said.append(spm(*shlex.split(command)[1:], code=code, given={"SPM_NOW": NOW_2027}))
    assert "reporting_windows.csv: " in said[1]
    assert "+ rumah" not in said[2]
    assert "reporting_windows 2027-Q1 [2027-Q1]" in said[2]


def test_the_first_quarter_of_2027_runs_with_a_window_of_the_home(tmp_path: Path) -> None:
    home = tmp_path / "rumah"
    spm("init", str(home))
    with_example(home / "sources.yaml", "archive")
    rows = ({**row, "period": "2027-Q1"} for row in health(BALIKPAPAN, "200", "90"))
    put(home / "archive" / "q1.csv", document(rows), datetime(2027, 4, 22, 3, tzinfo=UTC))
    given = {"SPM_HOME": str(home), "SPM_SOURCES": str(home / "sources.yaml"), "SPM_NOW": NOW_2027}
    said = spm("run", "2027-Q1", "--plan", given=given)
    assert "2027-Q1,2027-04-20,,announced," in said
    with (home / "registry" / "reporting_windows.csv").open("a", encoding="utf-8") as windows:
        windows.write("2027-Q1,2027-04-25,,announced,Surat 12/2027\n")
    with open_gate():
        said = spm("run", "2027-Q1", given=given)
    assert "announced," not in said
    settings = Settings(home)
    (period,) = [row for row in published(settings, "dim_period") if row["period"] == "2027-Q1"]
    assert (str(period["window_closes_on"]), period["window_status"]) == ("2027-04-25", "announced")
    (scored,) = [row for row in published(settings, "mart_region_score") if row["basis"] == "submitted"]
    assert (scored["region_code"], scored["period"]) == (BALIKPAPAN, "2027-Q1")
    late = [row for row in published(settings, "mart_compliance") if row["region_code"] == BALIKPAPAN]
    assert [row["timeliness"] for row in late] == ["on_time"]
    assert "+ " not in spm("registry", "diff", given=given)
    with (home / "registry" / "window_extensions.csv").open("a", encoding="utf-8") as extensions:
        extensions.write("2027-Q1,,extended,,2027-05-10,Banjir,Surat 13/2027,2027-04-26\n")
    assert "berubah (window_extensions)" in spm("run", "2027-Q1", "--plan", given=given)


def test_a_quarter_of_2031_is_like_any_other(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    object.__setattr__(settings, "now", datetime(2031, 6, 1, 3, tzinfo=UTC))
    rows = [{**row, "period": "Triwulan I 2031"} for row in health(BALIKPAPAN, "200", "90")]
    slip = [{**row, "period": "2034-Q1"} for row in health("64.72", "200", "90")]
    put(tmp_path / "inbox" / "q1.csv", document([*rows, *slip]), datetime(2031, 4, 22, 3, tzinfo=UTC))
    serve(settings.registry)
    publish_periods(settings, ["2031-Q1"])
    assert window_of(Period(2031, 1)).status == "assumed"
    ends = max(row["period"] for row in published(settings, "dim_period"))
    assert ends == "2031-Q4"
    found = {row["rule_id"] for row in published(settings, "mart_finding") if row["severity"] == "fatal"}
    assert found == {"PER-001"}  # a year that has not begun is a slip


@pytest.mark.parametrize(("now", "last"), [("2026-11-30", "2027-Q4"), ("2031-06-01", "2032-Q4")])
def test_a_command_takes_the_quarters_until_the_end_of_the_next_year(
    tmp_path: Path, now: str, last: str
) -> None:
    given = {"SPM_HOME": str(tmp_path), "SPM_NOW": f"{now}T00:00:00+00:00"}
    after = str(Period.parse(last).next())
    assert re.search(rf"2010-Q1 .* {last}", spm("explain", "64.71", after, code=2, given=given))
    assert "2010-Q1" not in spm("explain", "64.71", last, code=2, given=given)
