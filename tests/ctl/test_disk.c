/* When a disk is nearly full: by what is left, and on large disks by its share. */
#include "ctl/disk.h"

#include "tests/tap.h"

#define MIB (1024 * 1024ULL)
#define GIB (1024 * MIB)

int
main(void)
{
	static const struct {
		uint64_t free_bytes, total_bytes;
		bool near;
	} rows[] = {
		{ 0, 0, true },
		{ 499 * MIB, GIB, true },
		{ 500 * MIB, GIB, false },
		{ 500 * MIB, 20 * GIB, true },
		{ 1024 * MIB, 20 * GIB, false },
		{ 1024 * MIB - 1, 20 * GIB, true },
		{ 10 * GIB - 1, 2000 * GIB, true },
		{ 10 * GIB, 2000 * GIB, false },
		{ UINT64_MAX, UINT64_MAX, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(disk_nearly_full(rows[i].free_bytes, rows[i].total_bytes) == rows[i].near,
		    "%llu MiB of %llu", (unsigned long long)(rows[i].free_bytes / MIB),
		    (unsigned long long)(rows[i].total_bytes / MIB));
	return tap_done();
}
