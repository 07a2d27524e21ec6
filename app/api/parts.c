/* Actions that are parts of one request. */
#include "app/api/parts.h"

#include "app/http/call.h"
#include "lib/arena.h"

void
parts_begin(struct call *c, struct parts *p)
{
	*p = (struct parts){ .json = c->json,
		.rate_policy = c->reply.rate_policy,
		.rate_state = c->reply.rate_state };
	c->json = NULL;
	c->part = true;
}

static void
start_part_reply(struct call *c, struct arena *mem)
{
	c->mem = mem;
	db_use(c->db, mem);
	reply_end(&c->reply);
	reply_start(&c->reply, mem, c->req->id);
}

void
parts_one(struct call *c, void (*act)(struct call *c, void *arg),
    void (*take)(struct call *c, void *arg), void *arg)
{
	struct arena *whole = c->mem, *own = arena_new();

	start_part_reply(c, own);
	act(c, arg);
	take(c, arg);
	start_part_reply(c, whole);
	arena_free(own);
}

void
parts_end(struct call *c, const struct parts *p)
{
	c->part = false;
	c->json = p->json;
	c->idem_done = false;
	c->reply.rate_policy = p->rate_policy;
	c->reply.rate_state = p->rate_state;
}
