#ifndef APP_HTTP_DISPATCH_H
#define APP_HTTP_DISPATCH_H

#include <stdbool.h>

struct FCGX_Request;
struct app;
struct arena;
struct db;

/* What one thread has of its own. */
struct front {
	const struct app *app;
	struct db *db;
	struct arena *mem; /* empty between requests */
};

/*
 * Answers one accepted request: reads it, refuses or lets the handler act, writes the one reply.
 * True: the worker should be told once the reply is finished. The caller resets the arena then.
 */
bool front_answer(const struct front *f, struct FCGX_Request *fcgi);

#endif
