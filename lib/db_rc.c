/* Results by name, for logs. */
#include "lib/db.h"

const char *
db_rc_name(enum db_rc rc)
{
	switch (rc) {
	case DB_OK: return "ok";
	case DB_NONE: return "none";
	case DB_DUP: return "duplicate";
	case DB_RETRY: return "retry";
	case DB_DOWN: return "down";
	case DB_UNKNOWN: return "unknown";
	case DB_FAIL: return "fail";
	}
	return "?";
}
