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
  end.
#}
{% macro waived(findings) -%}
    select
        dated.* exclude (finding_number),
        waivers.waiver_id,
        waivers.reason_id as waiver_reason_id,
        waivers.reason_en as waiver_reason_en
    from (
        select
            findings.*,
            coalesce({{ jakarta_day('documents.received_at') }}, periods.window_closes_on) as received_on,
            row_number() over () as finding_number
        from {{ findings }} as findings
        left join {{ ref('stg_landing__documents') }} as documents
            on findings.document_id = documents.document_id
        left join {{ ref('stg_run__periods') }} as periods
            on findings.period = periods.period
    ) as dated
    left join {{ ref('waivers') }} as waivers
        on {{ is_covered_by('dated', 'waivers') }}
        and dated.received_on <= waivers.expires_on
    qualify
        row_number() over (
            partition by dated.finding_number
            order by waivers.expires_on desc nulls last, waivers.waiver_id asc
        ) = 1
{%- endmacro %}
