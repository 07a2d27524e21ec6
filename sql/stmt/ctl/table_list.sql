-- Tables and views of a database, for the grants.
SELECT table_name FROM information_schema.tables WHERE table_schema = :database ORDER BY table_name
