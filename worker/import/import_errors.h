#ifndef WORKER_IMPORT_IMPORT_ERRORS_H
#define WORKER_IMPORT_IMPORT_ERRORS_H

#include <stddef.h>

struct arena;
struct problem;

/* What is wrong with a row, as it is stored. Pure. */
#define IMPORT_MESSAGE_BYTES 500

/* Adds a wrong field ("": the whole row); `code` is the row's if nothing else is wrong before. */
void import_errors_add(struct problem *why, struct arena *mem, const char *code, const char *field,
    const char *message);
/* One sentence of at most IMPORT_MESSAGE_BYTES for all of them; `line` 0: the row has none. */
const char *import_errors_message(const struct problem *why, size_t line, struct arena *mem);
/* The JSON array of {field, message}. */
const char *import_errors_list(const struct problem *why, struct arena *mem);

#endif
