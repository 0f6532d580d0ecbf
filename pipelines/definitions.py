"""The Dagster definitions: sources → landing → dbt models → gate → release.

sources/*      one asset a source of the sources file          pipelines/defs/assets/sources.py
registry … marts   dbt seeds and models, drawn only            pipelines/defs/assets/models.py
one step of a run, in this order                               pipelines/defs/assets/quarter.py
  landing/*    what dbt starts from, in the run's work file    pipelines/defs/assets/landing.py
  build/candidate   models and their tests, by dbt             pipelines/defs/assets/models.py
  gate         a blocking check on each judged mart            pipelines/defs/checks.py
  published/release   the immutable release                    pipelines/defs/assets/release.py
published/postgres  the same tables in a database, if any      pipelines/defs/assets/postgres.py

A run whose gate closes publishes nothing; what passed is published by a run that follows it
(pipelines/defs/follow_up.py).
"""

from __future__ import annotations

import dagster as dg

from pipelines.defs.assets.models import model_specs
from pipelines.defs.assets.postgres import postgres_asset
from pipelines.defs.assets.quarter import quarter_assets
from pipelines.defs.assets.release import previous_release
from pipelines.defs.assets.sources import source_asset
from pipelines.defs.jobs import follow_up_run, quarterly_run
from pipelines.defs.resources import HomeResource
from pipelines.defs.retries import failed_runs
from pipelines.defs.schedules import closed_windows
from pipelines.defs.sensors import alerts, closed_gates, new_documents
from pipelines.messages import say
from pipelines.publish.postgres.after_release import is_configured
from pipelines.settings import NO_HOME, Settings, SettingsError, read_settings
from pipelines.sources.config import load_sources


def build_definitions(settings: Settings, **overrides: object) -> dg.Definitions:
    """The definitions for one home and one sources file; ``overrides`` replace resources by name.

    Raises:
        SourcesError: the sources file cannot be used.
    """
    specs = load_sources(settings.sources_file) if settings.sources_file else []
    sources = [source_asset(spec) for spec in specs]
    models = model_specs()
    marts = [spec.key for spec in models if spec.key.path[0] == "marts"]
    home = HomeResource(path=str(settings.home), sources_file=str(settings.sources_file or ""))
    return dg.Definitions(
        assets=[
            *sources,
            *models,
            *previous_release(),
            quarter_assets([source.key for source in sources], marts),
            *([postgres_asset(marts)] if is_configured() else []),
        ],
        jobs=[quarterly_run, follow_up_run],
        schedules=[closed_windows],
        sensors=[new_documents, closed_gates, failed_runs, alerts],
        resources={"home": home, **overrides},
        executor=dg.in_process_executor,
    )


def definitions() -> dg.Definitions:
    """The definitions of this process, by SPM_HOME and SPM_SOURCES (``workspace.yaml`` loads these).

    Raises:
        SettingsError: SPM_HOME is not set.
    """
    settings = read_settings()
    if settings.home == NO_HOME:
        raise SettingsError(say("setting.no_home", at="SPM_HOME"))
    return build_definitions(settings)
