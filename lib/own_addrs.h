#ifndef LIB_OWN_ADDRS_H
#define LIB_OWN_ADDRS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

struct addr;

/*
 * The addresses of this host's interfaces, of both families, public ones too. What is bound to them
 * may be closed to the outside and still be open from here. Read again when they are older than ten
 * seconds; any thread.
 */
struct own_addrs;

struct own_addrs *own_addrs_new(void);
/* For tests: these, for ever. */
struct own_addrs *own_addrs_given(const struct addr *list, size_t len);
void own_addrs_free(struct own_addrs *o); /* NULL is harmless */
/* Whatever its port; NULL has none. */
MUST_CHECK bool own_addrs_have(struct own_addrs *o, const struct addr *a);

#endif
