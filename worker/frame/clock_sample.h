#ifndef WORKER_FRAME_CLOCK_SAMPLE_H
#define WORKER_FRAME_CLOCK_SAMPLE_H

#include <stdint.h>

/*
 * One instant on both clocks: mono_us was read right after the database answered db_us (0: it did
 * not). Jobs take samples, worker_clock_sample() learns the offset from them.
 */
struct clock_sample {
	int64_t db_us;
	int64_t mono_us;
};

#endif
