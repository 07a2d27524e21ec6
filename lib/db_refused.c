/* What a refusal was about. */
#include "lib/db.h"

#include "lib/db_conn.h"

bool
db_refused_row(const struct db *db)
{
	return !db->not_the_row;
}
