"""What was said of a candidate is a page: in the release, or in the home where the gate closed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pipelines.build.steps import keep_page
from pipelines.publish.candidate import Candidate
from pipelines.publish.releases import Releases
from pipelines.quality.page import PAGE, quality_page
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.rules import rules
from pipelines.settings import Settings
from tests.integration.candidates import copy_of, release, rewrite
from tests.integration.home import passed

HOSTILE = "<script>alert(1)</script>"


def _closed(candidate: Candidate) -> list[PeriodVerdict]:
    first, *others = passed(candidate)
    failing = Verdict("RG-004", "mart_region_score", "fatal", "fail", "observed 1", 1, [{"index": HOSTILE}])
    return [replace(first, verdicts=[failing, *first.verdicts]), *others]


def test_a_release_carries_its_page_and_verify_proves_it(good_build: Candidate, tmp_path: Path) -> None:
    releases = Releases(tmp_path / "published")
    made = release(releases, good_build)
    page = releases.folder(made.release_id) / PAGE
    assert page.read_bytes() == quality_page(good_build.folder, passed(good_build))
    assert releases.verify(made.release_id) == []
    page.chmod(0o644)
    page.write_text("another")
    assert releases.verify(made.release_id) == [
        f"{PAGE}: isinya bukan yang terbit / its bytes are not those published"
    ]


def test_the_page_of_a_closed_gate_says_which_check_on_which_rows_and_runs_nothing_of_theirs(
    good_build: Candidate, tmp_path: Path
) -> None:
    verdicts = _closed(good_build)
    path = keep_page(Settings(tmp_path), good_build, verdicts)
    text = path.read_text(encoding="utf-8")
    assert path.parent == tmp_path / "closed"
    assert "tertutup / closed" in text
    assert "Indeks daerah antara 0 dan 100" in text
    assert HOSTILE not in text
    assert ": &lt;script&gt;" in text
    assert keep_page(Settings(tmp_path), good_build, verdicts) == path


def test_the_page_counts_the_findings_of_every_rule_and_asks_nothing_of_the_network(
    good_build: Candidate, tmp_path: Path
) -> None:
    candidate = copy_of(good_build, tmp_path / "candidate")
    rewrite(
        candidate.file("mart_rule"),
        "select * replace (case when rule_id = 'VAL-001' then 7 else broken end as broken) from t",
    )
    text = quality_page(candidate.folder, passed(candidate)).decode()
    assert {rule_id for rule_id in rules() if f"<td>{rule_id}</td>" in text} == set(rules())
    row = text[text.index("<td>VAL-001</td>") :].partition("</tr>")[0]
    assert re.search(r"<td class=\"n\">7 / \d+</td>", row)
    assert "http" not in text
    assert "<script" not in text
