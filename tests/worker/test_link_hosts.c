/* Link hosts a lane holds back: kept as JSON, pruned as time passes. */
#include "worker/turn/link_hosts.h"

#include "lib/arena.h"
#include "tests/tap.h"

int
main(void)
{
	struct arena *mem = arena_new();
	const char *one, *two;

	is_int(link_hosts_hold_until(NULL, "a.example"), 0, "nothing is held");
	is_int(link_hosts_hold_until("{broken", "a.example"), 0, "damaged text holds nothing");
	is_int(link_hosts_hold_until("[]", "a.example"), 0, "nor does another shape");
	ok(link_hosts_updated(NULL, NULL, 0, 100, mem) == NULL, "nothing stays nothing");
	one = link_hosts_updated(NULL, "a.example", 500, 100, mem);
	is_int(link_hosts_hold_until(one, "a.example"), 500, "a host is held");
	is_int(link_hosts_hold_until(one, "b.example"), 0, "others are not");
	is_int(link_hosts_hold_until(one, NULL), 0, "a pin without a link is not");
	two = link_hosts_updated(one, "b.example", 900, 100, mem);
	is_int(link_hosts_hold_until(two, "a.example"), 500, "one does not drop the other");
	is_int(
	    link_hosts_hold_until(link_hosts_updated(two, "b.example", 200, 100, mem), "b.example"),
	    900, "a longer hold stands");
	two = link_hosts_updated(two, NULL, 0, 600, mem);
	is_int(link_hosts_hold_until(two, "a.example"), 0, "what has passed is dropped");
	is_int(link_hosts_hold_until(two, "b.example"), 900, "what has not is kept");
	arena_free(mem);
	return tap_done();
}
