"""What is imported into Superset is what the spec and the dictionary say."""

from __future__ import annotations

from bi.superset.bundle import BUNDLE, made


def test_the_bundle_is_up_to_date() -> None:
    there = {
        path.relative_to(BUNDLE).as_posix(): path.read_text(encoding="utf-8")
        for path in BUNDLE.rglob("*.yaml")
    }
    assert there == made(), "run: python -m bi.superset --write"


def test_every_chart_is_on_a_dashboard() -> None:
    files = made()
    shown = "".join(text for name, text in files.items() if name.startswith("dashboards/"))
    uuids = {
        name: next(line.removeprefix("uuid: ") for line in text.splitlines() if line.startswith("uuid: "))
        for name, text in files.items()
        if name.startswith("charts/")
    }
    assert [name for name, uuid in uuids.items() if uuid not in shown] == []
