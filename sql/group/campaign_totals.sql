-- What the sums of a campaign's parts `i` add up to.
CAST(SUM(i.items) AS SIGNED) AS items, MIN(i.first_run_at) AS first_run_at,
MAX(i.last_run_at) AS last_run_at, CAST(SUM(i.late) AS SIGNED) AS late, MAX(i.most_s) AS most_s,
CAST(SUM(i.sum_s) AS SIGNED) AS sum_s
