/* An outcome as an answer whose origin can be asked. */
#include "worker/http/outcome.h"

#include "lib/origin.h"

struct origin_answer
outcome_answer(const struct outcome *o)
{
	struct origin_answer a = { .status = o->status,
		.request_id = o->request_id,
		.type = o->type,
		.location = o->location,
		.body = o->body,
		.body_len = o->body_len,
		.complete = o->complete };

	return a;
}
