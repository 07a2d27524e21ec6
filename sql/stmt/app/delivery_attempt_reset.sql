-- Reset of a sandbox: deletes the attempts of its deliveries.
DELETE t FROM deliveries d JOIN delivery_attempts t ON t.delivery_id = d.id
WHERE d.project_id = :project AND t.project_id = d.project_id
