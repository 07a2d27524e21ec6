#ifndef APP_ROUTES_H
#define APP_ROUTES_H

#include <stddef.h>

#include "app/http/route.h"

/* Every route of app/routes.def, sorted by pattern and then method. */
extern const struct route routes[];
extern const size_t routes_len;

#endif
