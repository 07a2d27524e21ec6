-- Reset of a project: the earlier id stays as a project of nobody, until all under it is deleted.
INSERT INTO projects (id, organization_id, name, environment, timezone, reset_at, sweep_at,
  created_at)
SELECT :from, x'00000000000000000000000000000000', p.name, p.environment, p.timezone,
  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), p.created_at
FROM projects p WHERE p.id = :to
