#!/bin/sh
# TAP: runs each fuzz target on its corpus (tests/fuzz/corpus/NAME for fuzz_NAME). Needs no fuzzer.
src=${top_srcdir:-.}/tests/fuzz
bin=${top_builddir:-.}/tests/fuzz
n=0
for dir in "$src"/corpus/*/; do
	name=$(basename "$dir")
	n=$((n + 1))
	# Files, not the folder: a target linked with libFuzzer would continue fuzzing for ever.
	if out=$("$bin/fuzz_$name" "$dir"* 2>&1); then
		echo "ok $n - corpus of $name"
	else
		echo "not ok $n - corpus of $name"
		echo "$out" | tail -n 20 | sed 's/^/# /'
	fi
done
echo "1..$n"
