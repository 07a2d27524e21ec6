-- How long ago the previous run of --once started on this host.
SELECT TIMESTAMPDIFF(MICROSECOND, p.started_at, w.started_at) AS period_us
FROM workers w JOIN workers p ON p.host_id = w.host_id AND p.started_at < w.started_at
WHERE w.id = :id AND p.host_id = :host AND p.resident = 0
ORDER BY p.started_at DESC LIMIT 1
