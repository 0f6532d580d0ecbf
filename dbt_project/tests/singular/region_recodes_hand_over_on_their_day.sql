-- a recode ends the old code for good on its day and starts the new one that day: so a code means one
-- line of states, and the current code can be found from the code alone
with

recodes as (

    select *
    from {{ ref('region_changes') }}
    where kind = 'recode'

),

states as (

    select * from {{ ref('regions') }}

)

select recodes.*
from recodes
left join states as ended
    on
    recodes.region_code_old = ended.region_code
    and recodes.effective_date = ended.valid_to
left join states as started
    on
    recodes.region_code_new = started.region_code
    and recodes.effective_date = started.valid_from
left join states as issued_again
    on
    recodes.region_code_old = issued_again.region_code
    and (issued_again.valid_to is null or issued_again.valid_to > recodes.effective_date)
left join recodes as other_recode
    on
    recodes.region_code_old = other_recode.region_code_old
    and recodes.region_code_new <> other_recode.region_code_new
where
    ended.region_code is null
    or started.region_code is null
    or issued_again.region_code is not null
    or other_recode.region_code_old is not null
