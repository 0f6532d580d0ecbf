{# Waivers (seeds/waivers.csv): which findings one covers, and when it does so no more. #}

{# Whether a waiver is about a finding, in time or not. #}
{% macro is_covered_by(finding, waiver) -%}
    {{ finding }}.rule_id = {{ waiver }}.rule_id
    and {{ finding }}.region_code = {{ waiver }}.region_code
    and {{ finding }}.period between {{ waiver }}.first_period and {{ waiver }}.last_period
    and coalesce({{ waiver }}.sector_code = {{ finding }}.sector_code, {{ waiver }}.sector_code is null)
    and coalesce({{ waiver }}.subject = {{ finding }}.subject, {{ waiver }}.subject is null)
{%- endmacro %}

{#
  A query: the findings, with received_on, the day in Jakarta that counts for a waiver (of the receipt of the document,
  or the close of the window where a finding has no document), and the waiver in force on it. Of several the last to
  end. Findings of one rule, region, quarter, sector, subject and day have one waiver: it is looked for by these, since
  findings have no key of their own, and row_number() over () gives one number twice where rows come from a union.
#}
{% macro waived(findings) -%}
    {% set keys = ["rule_id", "region_code", "period", "sector_code", "subject", "received_on"] -%}
    with dated as (

        select
            findings.*,
            coalesce({{ jakarta_day('documents.received_at') }}, periods.window_closes_on) as received_on
        from {{ findings }} as findings
        left join {{ ref('stg_landing__documents') }} as documents
            on findings.document_id = documents.document_id
        left join {{ ref('stg_run__periods') }} as periods
            on findings.period = periods.period

    ),

    in_force as (

        select
            {% for key in keys -%}
                dated.{{ key }},
            {% endfor -%}
            first(waivers order by waivers.expires_on desc, waivers.waiver_id asc) as waiver
        from dated
        inner join {{ ref('waivers') }} as waivers
            on {{ is_covered_by('dated', 'waivers') }}
            and dated.received_on <= waivers.expires_on
        group by all

    )

    select
        dated.*,
        in_force.waiver['waiver_id'] as waiver_id,
        in_force.waiver['reason_id'] as waiver_reason_id,
        in_force.waiver['reason_en'] as waiver_reason_en
    from dated
    left join in_force
        on
        {% for key in keys -%}
            dated.{{ key }} is not distinct from in_force.{{ key }}{{ " and" if not loop.last }}
        {% endfor %}
{%- endmacro %}
