#ifndef LIB_SECRET_FILE_H
#define LIB_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

/*
 * Files with keys, passwords and tokens: the one rule for all. Such a file is a regular one that
 * nobody but its owner can write, and that only its owner and group can read.
 */

#define SECRET_FILE_WHY_SIZE 192

/*
 * Reads the whole file into out, NUL-terminated. Its length, or -1 with the reason and what to do
 * in `why`: it is no such file, or over room - 1 bytes. *barred (may be NULL): the reason is that
 * this program may not open it.
 */
MUST_CHECK int secret_file_read(
    const char *path, char *out, size_t room, char why[SECRET_FILE_WHY_SIZE], bool *barred);
/* The rule for a file that is open; a pipe or terminal is private. False: `why` is set. */
MUST_CHECK bool secret_file_private(int fd, char why[SECRET_FILE_WHY_SIZE]);

#endif
