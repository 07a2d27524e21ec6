#ifndef APP_API_PARTS_H
#define APP_API_PARTS_H

struct call;
struct json_object;

/*
 * A request of several actions, each of which replies as if it were a request of its own. Its reply
 * is not sent, and nothing is stored under an Idempotency-Key, until the whole has its own.
 */
struct parts {
	struct json_object *json; /* the body of the whole */
	const char *rate_policy, *rate_state;
};
void parts_begin(struct call *c, struct parts *p);
/*
 * Calls `act`, which sets a reply. `take` reads it: what the action took of memory is given back
 * then.
 */
void parts_one(struct call *c, void (*act)(struct call *c, void *arg),
    void (*take)(struct call *c, void *arg), void *arg);
/* The reply is to be set now. */
void parts_end(struct call *c, const struct parts *p);

#endif
