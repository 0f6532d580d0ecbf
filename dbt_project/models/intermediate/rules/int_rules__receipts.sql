-- Warnings on when a document came, and when it says that it was sent.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- the time of sending cannot be read, or has no zone: one cell of a form is the time of all its rows
    case
        when has_times
            then case
                when times_unread > 0
                    then {
                        'broken': true,
                        'place': first_unread_ref,
                        'value': first_unread_time
                        || case when times_unread > 1 then ' (+' || (times_unread - 1) || ')' else '' end
                    }
                else {'broken': false}
            end
    end as "TIM-001",

    -- it came after its window had closed
    case
        when is_accepted and window_closes_on is not null
            then case
                when {{ jakarta_day('known_at') }} > window_closes_on
                    then {
                        'broken': true,
                        'place': first_ref,
                        'value': {{ jakarta_minute('known_at') }} || ' > ' || window_closes_on
                    }
                else {'broken': false}
            end
    end as "TIM-002",

    -- it says that it was sent after it came, before its quarter ended, or in time though it came late
    case
        when first_submitted_at is not null
            then case
                when
                    last_submitted_at > received_at + to_days(cast(tim_003_max_days_ahead as integer))
                    or {{ jakarta_day('first_submitted_at') }} < ends_on - cast(tim_003_max_days_early as integer)
                    or (
                        not is_extract
                        and {{ jakarta_day('first_submitted_at') }} <= window_closes_on
                        and {{ jakarta_day('received_at') }} > window_closes_on
                        and first_submitted_at < received_at - to_days(cast(tim_003_max_days_behind as integer))
                    )
                    then {
                        'broken': true,
                        'place': first_submitted_ref,
                        'value': {{ jakarta_minute('first_submitted_at') }} || ' / ' || {{ jakarta_minute('received_at') }}
                    }
                else {'broken': false}
            end
    end as "TIM-003",

    -- its file has a time within the window, and it was first seen after it: the sender may have set that time
    case
        when is_accepted and window_closes_on is not null and is_counted_by_sight and stored_at is not null
            then case
                when
                    {{ jakarta_day('known_at') }} > window_closes_on
                    and {{ jakarta_day('stored_at') }} <= window_closes_on
                    then {
                        'broken': true,
                        'place': first_ref,
                        'value': {{ jakarta_minute('stored_at') }} || ' / ' || {{ jakarta_minute('received_at') }}
                    }
                else {'broken': false}
            end
    end as "TIM-005",

    -- the same document came again after another one: it is the last word once more
    case
        when is_accepted and sent_again_at is not null
            then case
                when documents_between > 0
                    then {'broken': true, 'place': first_ref, 'value': {{ jakarta_minute('sent_again_at') }}}
                else {'broken': false}
            end
    end as "TIM-004"

from {{ ref('int_rule_inputs__receipts') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
