-- The sandbox's row of no project becomes that of its first one.
UPDATE IGNORE apps SET project_id = :project
WHERE environment = :environment AND project_id = x'00000000000000000000000000000000'
