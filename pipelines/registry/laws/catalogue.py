"""Laws of ``sectors``, ``services`` and the tables of the form.

Put here: what these tables must satisfy together. Keep out: what one column holds (the YAML beside a seed).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.registry.laws.facts import Read


def tiers_owe_every_sector(read: Read) -> Iterator[str]:
    """A tier that owes no service of a sector could not be scored in it."""
    owed = {
        (row["tier"], row["sector_code"])
        for row in read("services")
        if row.optional("valid_to_period") is None
    }
    for row in read("sectors"):
        for tier in ("province", "regency_city"):
            if (tier, row["sector_code"]) not in owed:
                yield row.fault(
                    f"no service of {row['sector_code']} is owed by {tier} today: add one to services.csv,"
                    " with an empty valid_to_period"
                )


def forms_are_whole(read: Read) -> Iterator[str]:
    """A version of the form has sheets, a sheet has columns, and one version is handed out."""
    sheets = {row["form_version"] for row in read("form_sheets")}
    columns = {(row["form_version"], row["record"]) for row in read("form_columns")}
    forms = read("forms")
    for row in forms:
        if row["form_version"] not in sheets:
            yield row.fault(f"{row['form_version']} has no sheet: add its rows to form_sheets.csv")
    for row in read("form_sheets"):
        if (row["form_version"], row["record"]) not in columns:
            yield row.fault(
                f"{row['record']} of {row['form_version']} has no column: add its rows to form_columns.csv"
            )
    for row in read("form_columns"):
        choices = row.optional("choices")
        if choices and choices != "sectors" and any("=" not in choice for choice in choices.split("|")):
            yield row.fault("choices: write code=label for each, with | between them, or sectors")
    current = [row for row in forms if row["status"] == "current"]
    if len(current) != 1:
        named = ", ".join(row["form_version"] for row in current) or "none"
        yield (current or forms)[-1].fault(f"one version of the form is current, not {named}: correct status")
