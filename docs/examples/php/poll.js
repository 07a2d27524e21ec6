// Asks every two seconds, with the ETag of what is shown: 304 while that is still true.
"use strict";
const {url, token} = document.body.dataset;
const over = ["done", "failed", "canceled"];
let etag = null, same = 0;

// In how many milliseconds to look again; null: never.
async function look() {
    const headers = {Authorization: `Bearer ${token}`};
    if (etag) headers["If-None-Match"] = etag;
    const answer = await fetch(`${url}/v1/status`, {headers, cache: "no-store"});
    if (answer.status === 401) {
        location.reload(); // the token has ended: the server makes another
        return null;
    }
    if (answer.status === 304) document.body.dataset.same = ++same;
    else if (answer.ok) {
        etag = answer.headers.get("ETag");
        const {items} = await answer.json();
        if (items.length === 0) return null; // it was deleted
        document.getElementById("status").textContent = items[0].status;
        document.getElementById("error").textContent = items[0].error_message ?? "";
        if (over.includes(items[0].status)) return null;
    }
    return 1000 * (Number(answer.headers.get("Retry-After")) || 2);
}

async function follow() {
    let wait = 10000; // when nothing answers
    try {
        wait = await look();
    } catch { /* as above */ }
    if (wait !== null) setTimeout(follow, wait);
}
follow();
