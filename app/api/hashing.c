/* Who may hash a password, which takes a processor for a while. */
#include "app/api/hashing.h"

#include "app/http/call.h"
#include "app/http/limiter.h"

bool
hashing_enter(struct call *c)
{
	const struct problem busy = { .status = 503,
		.code = "service_unavailable",
		.message = "Too many logins at once.",
		.remediation = "Repeat the request a little later.",
		.retry_after_s = 2 };

	return limiter_acquire(c->app->logins) || !call_refused(c, &busy);
}

void
hashing_leave(struct call *c)
{
	limiter_release(c->app->logins);
}
