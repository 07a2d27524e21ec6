-- The project whose shown id is :project, which ends with zeros (lib/uuid.h).
p.id BETWEEN CONCAT(LEFT(:project, 13), x'000000') AND CONCAT(LEFT(:project, 13), x'FFFFFF')
  AND p.reset_at IS NULL
