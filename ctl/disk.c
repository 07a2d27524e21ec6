#include "ctl/disk.h"

#define MIB (1024 * 1024ULL)

bool
disk_nearly_full(uint64_t free_bytes, uint64_t total_bytes)
{
	return free_bytes < 500 * MIB ||
	       (free_bytes < 10 * 1024 * MIB && free_bytes < total_bytes / 20);
}
