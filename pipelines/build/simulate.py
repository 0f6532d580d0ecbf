"""A rule replayed on history before it is switched on: what it would find, beside what is published.

What was received for the periods is standardised and judged as in a run, with the rule valid throughout and,
where asked for, other parameters. There is no gate and no release, and nothing is kept.

Put here: that run beside the runs. Keep out: the rules (``rules.csv``, ``int_rules__*``), printing
(``cli.rules``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.build import steps
from pipelines.errors import ConfigurationError
from pipelines.messages import most_like, say
from pipelines.registry.rules import rules
from pipelines.settings import Settings
from pipelines.storage.lock import one_writer
from pipelines.storage.private_files import keep_private
from pipelines.warehouse import compiled, dbt

_MODELS = ("mart_finding", "mart_rule")


class UnknownRuleError(ConfigurationError):
    """No rule has this id."""


class UnknownParameterError(ConfigurationError):
    """The rule does not judge by a parameter of this name; the message names those that it has."""


@dataclass(frozen=True, slots=True)
class SimulatedPeriod:
    """A period: what the rule looked at, what it finds in how many regions, and what the release has of it.

    ``added`` and ``gone`` are findings that only the simulation, and only the release, has.
    """

    period: str
    assessed: int
    findings: int
    regions: int
    published_findings: int
    published_regions: int
    added: int
    gone: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """The result; nothing was received for the ``skipped`` periods, no row for the ``refused``."""

    rule_id: str
    parameters: dict[str, str]
    periods: list[SimulatedPeriod]
    skipped: list[str]
    refused: list[str]


def simulate(
    settings: Settings, rule_id: str, periods: Sequence[str], parameters: Mapping[str, Decimal] | None = None
) -> Simulation:
    """Judge ``periods`` by the rule as if it had always been valid, with ``parameters`` in place of its own.

    Raises:
        UnknownRuleError: no rule has the id.
        UnknownParameterError: the rule has no such parameter.
        HomeBusyError: another process writes in this home.
        NothingReceivedError: no row was ever received for the periods.
    """
    if rule_id not in rules():
        raise UnknownRuleError(say("rule.unknown", at=rule_id, known=most_like(rule_id.upper(), rules())))
    with one_writer(settings.home, f"spm rules simulate {rule_id} {periods[0]}..{periods[-1]}"):
        chosen = steps.received_of(settings, periods)
        keep_private(settings, settings.work)
        with tempfile.TemporaryDirectory(dir=settings.work, prefix="simulation-") as folder:
            work_file = Path(folder) / dbt.WORK_FILE_NAME
            steps.make_work(settings, work_file, chosen)
            with duckdb.connect(str(work_file)) as connection:
                judging_by = _switch_on(connection, rule_id, parameters or {})
            models = compiled.project(settings.threads, settings.memory_limit).models_of(_MODELS)
            compiled.build(work_file, models, settings.threads, settings.memory_limit)
            found = _compare(work_file, rule_id)
        refused = steps.refused_of(settings, periods)
    skipped = [period for period in periods if period not in {*chosen, *refused}]
    return Simulation(rule_id, judging_by, found, skipped, refused)


def _switch_on(
    connection: duckdb.DuckDBPyConnection, rule_id: str, parameters: Mapping[str, Decimal]
) -> dict[str, str]:
    """Make the rule valid throughout, with its parameters; returns those that it now judges by."""
    named = connection.execute(
        "select distinct parameter from registry.rule_parameters where rule_id = ? order by parameter",
        [rule_id],
    ).fetchall()
    names = [name for (name,) in named]
    for name in parameters:
        if name not in names:
            own = ", ".join(names) or "-"
            raise UnknownParameterError(
                say("rule.not_its_parameter", at=f"--parameter {name}", rule=rule_id, known=own)
            )
    connection.execute(
        "update registry.rules set valid_from_period = null, valid_to_period = null where rule_id = ?",
        [rule_id],
    )
    for name, value in parameters.items():
        connection.execute(
            "update registry.rule_parameters set value = ? where rule_id = ? and parameter = ?",
            [value, rule_id, name],
        )
    # the first and the last value hold before and after the time that they were set for
    connection.execute(
        """
        create temp table reaching as
        select
            *,
            lag(rule_id) over same as before,
            lead(rule_id) over same as after
        from registry.rule_parameters
        where rule_id = $rule
        window same as (partition by parameter order by valid_from_period nulls first);
        """,
        {"rule": rule_id},
    )
    connection.execute("delete from registry.rule_parameters where rule_id = ?", [rule_id])
    connection.execute(
        """
        insert into registry.rule_parameters
        select * exclude (before, after) replace (
            case when before is not null then valid_from_period end as valid_from_period,
            case when after is not null then valid_to_period end as valid_to_period
        )
        from reaching
        """
    )
    judging_by = connection.execute(
        "select parameter, list(value order by valid_from_period nulls first)"
        " from reaching group by parameter order by parameter"
    ).fetchall()
    return {name: " → ".join(f"{value.normalize():f}" for value in values) for name, values in judging_by}


def _compare(work_file: Path, rule_id: str) -> list[SimulatedPeriod]:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        rows = connection.execute(
            """
            with periods as (select period from raw.run_periods),
            simulated as (
                select distinct period, region_code, subject
                from marts.mart_finding
                where rule_id = $rule and status is distinct from 'fixed'
            ),
            published_before as (
                select distinct period, region_code, subject
                from published.mart_finding
                where rule_id = $rule and status is distinct from 'fixed'
            ),
            compared as (
                select
                    coalesce(simulated.period, published_before.period) as period,
                    simulated.period is not null as is_found,
                    published_before.period is not null as is_published,
                    coalesce(simulated.region_code, published_before.region_code) as region_code
                from simulated
                full outer join published_before
                    on simulated.period = published_before.period
                    and simulated.region_code is not distinct from published_before.region_code
                    and simulated.subject is not distinct from published_before.subject
            )
            select
                periods.period,
                coalesce(any_value(ran.assessed), 0) as assessed,
                count(*) filter (where is_found) as findings,
                count(distinct compared.region_code) filter (where is_found) as regions,
                count(*) filter (where is_published) as published_findings,
                count(distinct compared.region_code) filter (where is_published) as published_regions,
                count(*) filter (where is_found and not is_published) as added,
                count(*) filter (where is_published and not is_found) as gone
            from periods
            left join marts.mart_rule as ran on periods.period = ran.period and ran.rule_id = $rule
            left join compared on periods.period = compared.period
            group by periods.period
            order by periods.period
            """,
            {"rule": rule_id},
        ).fetchall()
    return [SimulatedPeriod(*row) for row in rows]
