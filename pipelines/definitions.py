"""The Dagster definitions: sources → landing → dbt models → gate → release.

sources/*      one asset a source of the sources file          pipelines/assets/sources.py
landing/*      what dbt starts from, in the run's work file    pipelines/assets/landing.py
registry/*     seeds, loaded and tested                        pipelines/assets/models.py
staging … marts   dbt models, dbt tests as checks              pipelines/assets/models.py
gate           a blocking check on each judged mart            pipelines/checks/gate.py
published/release   the immutable release                      pipelines/assets/release.py
published/postgres  the same tables in a database, if any      pipelines/assets/postgres.py
"""

from __future__ import annotations

import dagster as dg

from pipelines.settings import Settings, quieten, read_settings

quieten()

from pipelines import dbt_runner  # noqa: E402
from pipelines.assets.landing import landing_assets  # noqa: E402
from pipelines.assets.models import model_assets, registry_assets  # noqa: E402
from pipelines.assets.postgres import postgres_asset  # noqa: E402
from pipelines.assets.release import previous_release, release_asset  # noqa: E402
from pipelines.assets.sources import source_asset  # noqa: E402
from pipelines.checks.gate import gate_checks  # noqa: E402
from pipelines.jobs import quarterly_run  # noqa: E402
from pipelines.resources import HomeResource  # noqa: E402
from pipelines.schedules import closed_windows  # noqa: E402
from pipelines.sensors import new_documents  # noqa: E402
from pipelines.sources.config import load_sources  # noqa: E402


def build_definitions(settings: Settings, **overrides: object) -> dg.Definitions:
    """The definitions for one home and one sources file; ``overrides`` replace resources by name.

    Raises:
        SourcesError: the sources file cannot be used.
    """
    dbt_runner.manifest()  # parsed here when it is not there yet: the assets are made from it
    specs = load_sources(settings.sources_file) if settings.sources_file else []
    sources = [source_asset(spec) for spec in specs]
    models = model_assets()
    marts = [key for key in models.keys if key.path[0] == "marts"]
    home = HomeResource(path=str(settings.home), sources_file=str(settings.sources_file or ""))
    return dg.Definitions(
        assets=[
            *sources,
            landing_assets(sources),
            registry_assets(),
            *previous_release(),
            models,
            release_asset(marts),
            postgres_asset(),
        ],
        asset_checks=[gate_checks],
        jobs=[quarterly_run],
        schedules=[closed_windows],
        sensors=[new_documents],
        resources={"home": home, **overrides},
        executor=dg.in_process_executor,
    )


def definitions() -> dg.Definitions:
    """The definitions of this process, by SPM_HOME and SPM_SOURCES (``workspace.yaml`` loads these)."""
    return build_definitions(read_settings())
