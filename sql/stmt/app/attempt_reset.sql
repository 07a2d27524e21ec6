-- Reset of a sandbox: deletes the attempts of its pins.
DELETE a FROM pins p JOIN attempts a ON a.pin_id = p.id
WHERE p.project_id = :project AND a.project_id = p.project_id
