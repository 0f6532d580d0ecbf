"""The words that ``docs/style.md`` rules out stand nowhere in the project."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR

STYLE = PROJECT_DIR / "docs" / "style.md"
RULED_OUT = {
    "mend": r"\bmend(s|ed|ing)?\b|\bmend_",
    "see there": r"\bsee there\b",
    "bears, borne": r"\bbears?\b|\bborne\b",
    "dead, bury (of a run)": r"\bbury\b|\bburied\b|\bdead (run|process|one)s?\b",
    "what became of, what came of": r"\bwhat (became|came|becomes|has become) of\b",
    "could be had, was had": r"\b(can|could|cannot|not|was|were|is|to) be had\b|\b(was|were) had\b",
    "stranger": r"\bstrangers?\b",
    "told apart": r"\b(told|tells?|telling|tell)( \w+){0,3} apart\b",
    "keep up": r"\bkeep_up\b|\bkeeps? up with\b",
    "room (of code)": r"\brooms?\b(?! for)",
    "forerunner": r"\bforerunners?\b",
    "dearness, as dear as": r"\bdearness\b|\bdear(er|est)?\b",
    "laid (a file)": r"\b(lay|laid|lays) (a|the) (file|document|folder)",
    "the word of the gate": r"\bgate's word\b|\bword of the gate\b|\bgate (speaks|spoke|has spoken)\b",
}
"""What fails, by the entry of the page."""
SKIPPED = re.compile(
    r"docs/style[.]md|tests/contract/test_words[.]py|requirements(-dev)?[.]lock"
    # published with every release: a word there changes the bytes of its tables
    r"|dbt_project/seeds/(rules|columns)[.]csv|dbt_project/models/marts/.*[.]yml|docs/(rules|data-contract)[.]md|bi/superset/bundle/.*"
)
READ = {".py", ".sql", ".yml", ".yaml", ".md", ".csv", ".toml", ".html", ".js", ""}


def test_the_page_and_the_test_name_the_same_words() -> None:
    table = STYLE.read_text(encoding="utf-8").split("<!-- words -->")[1].split("\n\nWords of people")[0]
    entries = [line.split("|")[1].strip() for line in table.strip().splitlines()[2:]]
    assert entries == list(RULED_OUT)


@pytest.mark.parametrize("entry", RULED_OUT)
def test_no_text_of_the_project_uses_a_word_that_is_ruled_out(entry: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    pattern = re.compile(RULED_OUT[entry], re.IGNORECASE)
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name in filter(None, listed)
        if not SKIPPED.fullmatch(name) and Path(name).suffix in READ and (PROJECT_DIR / name).is_file()
        for number, line in enumerate((PROJECT_DIR / name).read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)
