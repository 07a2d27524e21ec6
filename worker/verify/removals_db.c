/* Published pins that a listing lacks, in the tables. */
#include "worker/verify/removals_db.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/num.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "worker/frame/fence_db.h"

#define PINS_READ 1000

uint64_t
removals_number(const char *pinterest_pin_id)
{
	int64_t n;

	return num_parse(pinterest_pin_id, 1, INT64_MAX, &n) == 0 ? (uint64_t)n : 0;
}

static int
number_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct published_row {
	struct removals_job *job;
	struct uuid id;
	const char *pinterest_pin_id;
};

static void
on_published_pin(void *arg)
{
	struct published_row *row = arg;
	struct removals_job *j = row->job;
	uint64_t n = removals_number(row->pinterest_pin_id);
	struct removals_pin *p = &j->pins[j->len];

	if (j->len == REMOVALS_MAX || n == 0 ||
	    bsearch(&n, j->seen, j->seen_len, sizeof(n), number_order) != NULL)
		return;
	p->id = row->id;
	p->gone = false;
	(void)snprintf(
	    p->pinterest_pin_id, sizeof(p->pinterest_pin_id), "%s", row->pinterest_pin_id);
	j->len++;
}

enum db_rc
removals_db_find(struct db *db, struct removals_job *j)
{
	struct published_row row = { .job = j };

	if (j->seen_len > 0)
		qsort(j->seen, j->seen_len, sizeof(*j->seen), number_order);
	j->len = 0;
	return db_each(db,
	    SQL_IN(pin_published_on_board, .project = db_uuid(&j->project_id),
		.account = db_uuid(&j->account_id), .board = db_text(j->board_id),
		.before = db_time(j->before_us), .limit = db_int(PINS_READ)),
	    SQL_OUT(pin_published_on_board, .id = db_get_uuid(&row.id),
		.pinterest_pin_id = db_get_text(&row.pinterest_pin_id)),
	    on_published_pin, &row);
}

static enum db_rc
mark_gone_pins(struct db *db, void *arg)
{
	struct removals_job *j = arg;
	const struct actor by = { .type = "worker" };
	struct fence fence;
	enum db_rc rc = fence_take(db, &j->leases, FENCE_BIT(j->shard), &fence);

	j->lost = fence.lost;
	for (size_t i = 0; rc == DB_OK && i < j->len; i++) {
		const struct store_removal gone = { .project_id = j->project_id,
			.account_id = j->account_id,
			.pin_id = j->pins[i].id,
			.pinterest_pin_id = j->pins[i].pinterest_pin_id,
			.removed = true };

		if (j->pins[i].gone)
			rc = store_pin_removed(db, &gone, &by);
		/* it was deleted here meanwhile, or is marked already */
		if (rc == DB_NONE)
			rc = DB_OK;
	}
	return rc;
}

enum db_rc
removals_db_save(struct db *db, struct removals_job *j)
{
	return db_transact(db, mark_gone_pins, j);
}
