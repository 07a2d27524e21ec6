#!/bin/sh
# lib/git_id.sh SOURCE [HEADER]: the commit that the sources are, as "+g0123456789ab" with ".dirty" behind
# when files differ from it; nothing when that is not known. A tarball names it in .git-id (make dist). With HEADER
# it is written there as a macro, if it changed.
source=$1 header=${2:-}
git() { command git -c safe.directory='*' -C "$source" "$@" 2> /dev/null; }

id=
if [ -f "$source/.git-id" ]; then
    id=$(cat "$source/.git-id")
elif [ "$(git rev-parse --show-toplevel)" = "$(cd "$source" && pwd -P)" ]; then
    id=$(git rev-parse --short=12 HEAD) && id=+g$id
    git diff --quiet HEAD -- || id=$id.dirty
fi
if [ -z "$header" ]; then
    printf '%s\n' "$id"
    exit 0
fi
printf '#define GIT_ID "%s"\n' "$id" > "$header.tmp"
if cmp -s "$header.tmp" "$header"; then rm -f "$header.tmp"; else mv -f "$header.tmp" "$header"; fi
