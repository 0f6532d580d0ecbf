"""An account that does not own the project reads what was made at installation, and writes nothing there."""

from __future__ import annotations

import pytest

from pipelines.settings import read_settings
from pipelines.warehouse import dbt, registry_file


def test_what_is_made_already_is_read_without_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings({})
    made = registry_file.ensure(settings.threads, settings.memory_limit)
    dbt.manifest()

    def forbidden(name: str) -> None:
        raise PermissionError(name)

    monkeypatch.setattr(dbt, "locked", forbidden)
    dbt.manifest.cache_clear()
    assert dbt.manifest()["metadata"]["project_name"]
    assert registry_file.ensure(settings.threads, settings.memory_limit) == made
