#ifndef CTL_DISK_H
#define CTL_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

/*
 * Should somebody look at a file system with so many bytes free? Under 500 MiB yes; under 10 GiB
 * when that is less than a twentieth of it. Pure.
 */
MUST_CHECK bool disk_nearly_full(uint64_t free_bytes, uint64_t total_bytes);

#endif
