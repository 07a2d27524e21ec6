#ifndef APP_API_VALIDATE_H
#define APP_API_VALIDATE_H

#include "lib/pin.h"

struct call;

/*
 * The dry run of a create: every check with its verdict, the payload as it would be stored, and
 * what its idempotency key has already created. Always 200; nothing is written.
 */
void validate_run(struct call *c, enum pin_form form);

#endif
