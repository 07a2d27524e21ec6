#ifndef SQL_STORE_PIN_PARAMS_H
#define SQL_STORE_PIN_PARAMS_H

#include "sql/store.h"

/* Used by sql/store_pin.c and sql/store_schedule.c only. */

/* What a new pin and a new schedule have in common: the first parameters of their INSERTs. */
#define STORE_NEW_PARAMS 19

/* Fills out[0 .. STORE_NEW_PARAMS - 1], which point into the arguments, and returns that number. */
size_t store_new_params(const struct uuid *id, const struct store_account *account,
    const struct pin_new *p, struct db_param *out);

#endif
