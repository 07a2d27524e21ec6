#ifndef APP_API_HASHING_H
#define APP_API_HASHING_H

#include <stdbool.h>

#include "lib/attr.h"

struct call;

/* Takes a place for hashing a password. False: all are taken, and the reply is a 503. */
MUST_CHECK bool hashing_enter(struct call *c);
/* Gives it back. */
void hashing_leave(struct call *c);

#endif
