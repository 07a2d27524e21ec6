/* Link hosts that a lane holds back: stored as JSON, pruned as time passes. */
#include "worker/turn/link_hosts.h"

#include "lib/arena.h"
#include "tests/tap.h"

int
main(void)
{
	struct arena *mem = arena_new();
	const char *one, *two;

	is_int(link_hosts_hold_until(NULL, "a.example"), 0, "no text holds no host");
	is_int(link_hosts_hold_until("{broken", "a.example"), 0, "damaged text holds no host");
	is_int(link_hosts_hold_until("[]", "a.example"), 0, "JSON of another shape holds no host");
	ok(link_hosts_updated(NULL, NULL, 0, 100, mem) == NULL, "no host and no change stay NULL");
	one = link_hosts_updated(NULL, "a.example", 500, 100, mem);
	is_int(link_hosts_hold_until(one, "a.example"), 500, "an added host is held");
	is_int(link_hosts_hold_until(one, "b.example"), 0, "another host is not held");
	is_int(link_hosts_hold_until(one, NULL), 0, "a pin without a link is not held");
	two = link_hosts_updated(one, "b.example", 900, 100, mem);
	is_int(link_hosts_hold_until(two, "a.example"), 500, "adding a host keeps the others");
	is_int(
	    link_hosts_hold_until(link_hosts_updated(two, "b.example", 200, 100, mem), "b.example"),
	    900, "a longer hold is not shortened");
	two = link_hosts_updated(two, NULL, 0, 600, mem);
	is_int(link_hosts_hold_until(two, "a.example"), 0, "a hold that has ended is dropped");
	is_int(link_hosts_hold_until(two, "b.example"), 900, "a hold that has not ended is kept");
	arena_free(mem);
	return tap_done();
}
