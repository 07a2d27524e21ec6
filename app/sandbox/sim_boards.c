/*
 * The account and its boards. Board names are unique per user, as on Pinterest. A board created
 * with a scenario's name gets that scenario.
 */
#include "app/sandbox/sim_boards.h"

#include <inttypes.h>
#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fields.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_limits.h"
#include "app/sandbox/sim_oauth.h"
#include "app/sandbox/sim_scenario.h"
#include "app/sandbox/sim_view.h"
#include "lib/json.h"
#include "sql/sandbox_stmt.h"

#define NAME_MAX_LEN 180
#define DESCRIPTION_MAX 500

void
sim_user_account(struct sim_call *c)
{
	int64_t boards, pins;
	enum db_rc rc = db_row(c->db, SBX_IN(users_counts, .user = db_int(c->user_id)),
	    SBX_OUT(users_counts, .boards = db_get_int(&boards), .pins = db_get_int(&pins)));
	struct json_object *o;

	if (!sim_view_done(c, rc))
		return;
	o = json_object_new_object();
	json_put_text(o, "id", sim_id_text(c->user_id, c->mem));
	json_put_text(o, "username", c->username);
	json_put_text(o, "account_type", "BUSINESS");
	json_put_text(o, "business_name", "Rehearsal");
	json_put_text(o, "about", "");
	json_put_text(o, "website_url", "");
	json_put_text(o, "profile_image", "https://i.pinimg.com/600x600_R/default.jpg");
	json_put_int(o, "board_count", boards);
	json_put_int(o, "pin_count", pins);
	json_put_int(o, "follower_count", 0);
	json_put_int(o, "following_count", 0);
	json_put_int(o, "monthly_views", 0);
	sim_reply_json(&c->reply, 200, o, c->mem);
}

struct board_list {
	struct sim_page page;
	int64_t id;
	const char *board; /* JSON */
};

static void
board_list_row(void *arg)
{
	struct board_list *s = arg;

	sim_page_add(&s->page, s->id, json_tokener_parse(s->board));
}

/* The query's `privacy` as one or two values; NULL: all. False: the reply is set. */
static bool
privacy_filter(struct sim_call *c, const char **one, const char **other)
{
	static const char *const words[] = { "ALL", "PUBLIC", "PROTECTED", "SECRET",
		"PUBLIC_AND_SECRET" };
	const char *given = sim_form_value(c->req->query, "privacy", c->mem);
	size_t i = 0;

	*one = *other = NULL;
	if (given == NULL)
		return true;
	while (i < DB_LEN(words) && strcmp(words[i], given) != 0)
		i++;
	if (i == DB_LEN(words))
		return SIM_INVALID(c, "privacy is not one of the allowed values");
	if (i == DB_LEN(words) - 1) {
		*one = "PUBLIC";
		*other = "SECRET";
	} else if (i > 0) {
		*one = given;
	}
	return true;
}

void
sim_boards_list(struct sim_call *c)
{
	struct board_list s;
	const char *one, *other;
	enum db_rc rc;

	if (!sim_page_read(c, SIM_LISTING_OLDEST, 0, &s.page))
		return;
	if (!privacy_filter(c, &one, &other)) {
		json_object_put(s.page.items);
		return;
	}
	rc = db_each(c->db,
	    SBX_IN(boards_list, .user = db_int(c->user_id), .id = db_null(),
		.secret = db_int(sim_oauth_sees_secret(c)), .privacy = db_text(one),
		.other = db_text(other), .after = db_int(s.page.after),
		.limit = db_int(s.page.size + 1)),
	    SBX_OUT(boards_list, .id = db_get_int(&s.id), .board = db_get_text(&s.board)),
	    board_list_row, &s);
	sim_page_send(c, SIM_LISTING_OLDEST, &s.page, rc);
}

static void
board_send(struct sim_call *c, int64_t id, int status)
{
	const char *board;
	enum db_rc rc = db_row(c->db,
	    SBX_IN(boards_list, .user = db_int(c->user_id), .id = db_int(id), .secret = db_int(1),
		.privacy = db_null(), .other = db_null(), .after = db_int(0), .limit = db_int(1)),
	    SBX_OUT(boards_list, .id = db_get_int(&id), .board = db_get_text(&board)));

	if (sim_view_board_found(c, rc))
		sim_reply_json(&c->reply, status, json_tokener_parse(board), c->mem);
}

bool
sim_boards_scenario(
    struct sim_call *c, int64_t id, enum sim_scenario *scenario, int64_t *triggered_us)
{
	int64_t number = SIM_SCENARIO_NONE, secret = 0;
	enum db_rc rc =
	    db_row(c->db, SBX_IN(boards_scenario, .user = db_int(c->user_id), .id = db_int(id)),
		SBX_OUT(boards_scenario, .scenario = db_get_int(&number),
		    .triggered_at = db_get_time(triggered_us), .secret = db_get_int(&secret)));

	*scenario = (enum sim_scenario)number;
	return sim_view_board_found(c, rc) && (secret == 0 || sim_oauth_permits_secret(c));
}

bool
sim_boards_owned(struct sim_call *c, int64_t id)
{
	enum sim_scenario scenario;
	int64_t triggered_us;

	return sim_boards_scenario(c, id, &scenario, &triggered_us);
}

void
sim_boards_get(struct sim_call *c)
{
	if (sim_boards_owned(c, c->id))
		board_send(c, c->id, 200);
}

struct board_in {
	const char *name, *description, *privacy;
};

/* PROTECTED is allowed only for a new board, SECRET only with the scopes for it. False: the reply
 * is set. */
static bool
board_decode(struct sim_call *c, bool making, struct board_in *in)
{
	if (!sim_field_text(c, "name", NAME_MAX_LEN, &in->name) ||
	    !sim_field_text(c, "description", DESCRIPTION_MAX, &in->description) ||
	    !sim_field_text(c, "privacy", 16, &in->privacy))
		return false;
	if ((in->name == NULL && making) || (in->name != NULL && *in->name == '\0'))
		return sim_view_refuse(c, 400, 400, "The board name is invalid or duplicated.");
	if (in->privacy != NULL && strcmp(in->privacy, "SECRET") == 0)
		return sim_oauth_permits_secret(c);
	if (in->privacy == NULL || strcmp(in->privacy, "PUBLIC") == 0 ||
	    (making && strcmp(in->privacy, "PROTECTED") == 0))
		return true;
	return SIM_INVALID(c, "privacy is not one of the allowed values");
}

void
sim_boards_create(struct sim_call *c)
{
	int64_t id = sim_id_next(c->now_us);
	struct board_in b;
	enum db_rc rc;

	if (!board_decode(c, true, &b))
		return;
	rc = db_exec(c->db,
	    SBX_IN(boards_insert, .id = db_int(id), .user = db_int(c->user_id),
		.name = db_text(b.name), .description = db_text(b.description),
		.privacy = db_text(b.privacy == NULL ? "PUBLIC" : b.privacy),
		.scenario = db_int(sim_scenario_named(b.name)), .most = db_int(c->set.boards_max)),
	    NULL);
	if (rc == DB_NONE)
		(void)SIM_INVALID(c, "you have %" PRId64 " boards already", c->set.boards_max);
	else if (rc == DB_DUP)
		sim_view_error(c, 400, 400, "The board name is invalid or duplicated.");
	else if (sim_view_done(c, rc))
		board_send(c, id, 201);
}

void
sim_boards_patch(struct sim_call *c)
{
	bool clear = json_object_object_get_ex(c->json, "description", NULL) &&
		     json_object_object_get(c->json, "description") == NULL;
	struct board_in b;
	enum db_rc rc;

	if (!sim_boards_owned(c, c->id) || !board_decode(c, false, &b) ||
	    !sim_limits_contention(c, c->id))
		return;
	rc = db_exec_any(c->db,
	    SBX_IN(boards_update, .user = db_int(c->user_id), .id = db_int(c->id),
		.name = db_text(b.name), .description = db_text(b.description),
		.clear = db_int(clear), .privacy = db_text(b.privacy)),
	    NULL);
	if (rc == DB_DUP)
		sim_view_error(c, 400, 400, "The board name is invalid or duplicated.");
	else if (sim_view_done(c, rc))
		board_send(c, c->id, 200);
}

static enum db_rc
board_delete_work(struct db *db, void *arg)
{
	const struct sim_call *c = arg;
	enum db_rc rc = db_exec(
	    db, SBX_IN(boards_delete, .user = db_int(c->user_id), .id = db_int(c->id)), NULL);

	if (rc != DB_OK)
		return rc;
	return db_exec_any(db,
	    SBX_IN(pins_delete_by_board, .user = db_int(c->user_id), .board = db_int(c->id)), NULL);
}

void
sim_boards_delete(struct sim_call *c)
{
	enum db_rc rc;

	if (!sim_boards_owned(c, c->id))
		return;
	rc = db_transact(c->db, board_delete_work, c);
	if (sim_view_board_found(c, rc))
		sim_reply_text(&c->reply, 204, NULL, "");
}
