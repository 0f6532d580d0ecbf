-- a year judged by two editions would have two awards
select
    editions.edition,
    others.edition as other_edition
from {{ ref('award_editions') }} as editions
inner join {{ ref('award_editions') }} as others
    on editions.edition != others.edition
    and editions.valid_from_year <= others.valid_from_year
    and (editions.valid_to_year >= others.valid_from_year or editions.valid_to_year is null)
