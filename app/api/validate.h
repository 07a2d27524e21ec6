#ifndef APP_API_VALIDATE_H
#define APP_API_VALIDATE_H

#include "lib/pin.h"

struct call;

/*
 * The dry run of a create (contract 1.6 Validation): every check with its verdict, the payload as
 * it would be stored, and what its idempotency key already made. Always 200; nothing is written.
 */
void validate_run(struct call *c, enum pin_form form);

#endif
