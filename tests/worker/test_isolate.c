/* Isolating refused rows: each row is finished once, in order, and only refused ones stand alone.
 */
#include "worker/frame/isolate_db.h"

#include "tests/tap.h"
#include "worker/frame/periodic.h"

struct attempt {
	const char *
	    refused; /* one character per row: '.' accepted, 'F' DB_FAIL, 'D' DB_DUP, 'N' DB_NONE */
	enum db_rc verdict; /* what the callback answers for a refused row */
	size_t next, transactions, alone;
};

static enum db_rc
attempt_rows(struct db *db, void *arg, size_t first, size_t n)
{
	struct attempt *a = arg;

	(void)db;
	a->transactions++;
	for (size_t i = first; i < first + n; i++) {
		if (a->refused[i] == 'F')
			return DB_FAIL;
		if (a->refused[i] == 'D')
			return DB_DUP;
		if (a->refused[i] == 'N')
			return DB_NONE;
	}
	ok(first == a->next, "rows %zu to %zu are in order", first, first + n - 1);
	a->next = first + n;
	return DB_OK;
}

static enum db_rc
attempt_refused(struct db *db, void *arg, size_t row, enum db_rc rc)
{
	struct attempt *a = arg;

	(void)db;
	ok(row == a->next && rc == (a->refused[row] == 'D' ? DB_DUP : DB_FAIL),
	    "row %zu is refused", row);
	a->alone++;
	a->next = row + 1;
	return a->verdict;
}

static const struct isolate how = { attempt_rows, attempt_refused };

static void
isolates(const char *refused, size_t alone, size_t most)
{
	struct attempt a = { .refused = refused, .verdict = DB_OK };
	size_t n = strlen(refused), done = 0;

	is_int(isolate(NULL, &how, &a, n, &done), DB_OK, refused);
	is_int((int64_t)done, (int64_t)n, "all rows are finished");
	is_int((int64_t)a.next, (int64_t)n, "each row is tried once");
	is_int((int64_t)a.alone, (int64_t)alone, "only the refused rows are isolated");
	ok(a.transactions <= most, "in %zu transactions, at most %zu", a.transactions, most);
}

int
main(void)
{
	struct attempt lost = { .refused = "F....N......", .verdict = DB_OK };
	struct attempt stop = { .refused = "....F.......", .verdict = DB_DOWN };
	size_t done = 0;

	isolates(".............", 0, 1);
	isolates("F............", 1, 9);
	isolates("......D......", 1, 9);
	isolates("............F", 1, 9);
	isolates("F.....D.....F", 3, 25);
	isolates("FFFF", 4, 7);
	isolates("F", 1, 1);
	is_int(isolate(NULL, &how, &lost, 12, &done), DB_NONE, "another result ends isolation");
	is_int((int64_t)done, 3, "rows finished before another result are counted");
	is_int(isolate(NULL, &how, &stop, 12, &done), DB_DOWN, "a failing callback ends isolation");
	is_int((int64_t)done, 4, "a row whose callback failed is not finished");

	is_int((int64_t)periodic_limit(64, 64, 2000000), 32, "a slow batch is halved");
	is_int((int64_t)periodic_limit(1, 64, 2000000), 1, "a batch of one row stays");
	is_int((int64_t)periodic_limit(20, 64, 100000), 40, "a fast batch is doubled");
	is_int((int64_t)periodic_limit(40, 64, 100000), 64, "a fast batch grows up to the limit");
	is_int((int64_t)periodic_limit(40, 64, 500000), 40, "a batch of moderate speed stays");
	is_int((int64_t)periodic_limit(0, 0, 100), 0, "a batch without limit stays unlimited");
	return tap_done();
}
