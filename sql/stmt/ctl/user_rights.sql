-- Everything that the database user of this connection may do, on any level.
SELECT privilege_type, '' AS schema_name, '' AS table_name
FROM information_schema.user_privileges
WHERE grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
  AND privilege_type <> 'USAGE'
UNION ALL
SELECT privilege_type, table_schema, ''
FROM information_schema.schema_privileges
WHERE grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
UNION ALL
SELECT privilege_type, table_schema, table_name
FROM information_schema.table_privileges
WHERE grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
