with

found as (

    {{ findings_of(submission_rules(), ref('int_submissions__sectors')) }}

),

with_waivers as (

    {{ waived('found') }}

)

select * from with_waivers
