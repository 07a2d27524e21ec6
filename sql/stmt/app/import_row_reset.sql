-- Reset of a sandbox: deletes the rows of its imports.
DELETE r FROM imports i JOIN import_rows r ON r.import_id = i.id
WHERE i.project_id = :project
