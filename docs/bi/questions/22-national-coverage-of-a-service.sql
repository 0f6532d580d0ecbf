-- Cakupan nasional satu layanan, tertimbang oleh yang berhak.
-- National coverage of a service, weighted by who is entitled.
select 100 * sum(served) / sum(target) as coverage
from bi.not_served_quarter
where is_latest and service_code = 'K-KES-01' and realised is not null
