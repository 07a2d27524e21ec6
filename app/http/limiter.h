#ifndef APP_HTTP_LIMITER_H
#define APP_HTTP_LIMITER_H

#include <stdbool.h>

/* How many threads may do one slow thing at once: half of them, so that the others answer. */
struct slots;

struct slots *slots_new(int most);
void slots_free(struct slots *s);
/* Never waits. False when all are taken: the caller answers 503 with Retry-After. */
bool slots_take(struct slots *s);
void slots_give(struct slots *s);

#endif
