// The one script of ours. Every page works without it.
"use strict";

// Tells the server that this browser runs scripts, so that a page may be sent
// at once and its missing rows be streamed after it. Nothing else is in it.
document.cookie = "script=1; path=/; samesite=lax; max-age=31536000" + (location.protocol === "https:" ? "; secure" : "");

// "/" puts the cursor into the search box, as on many sites.
document.addEventListener("keydown", (e) => {
  const typing = e.target.closest && e.target.closest("input, textarea, select, [contenteditable]");
  const box = document.getElementById("q");
  if (e.key === "/" && box && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    box.focus();
    box.select();
  }
});

// Up and down go through the rows of a search, each on what can be done with it;
// Enter then does it. Above the first row is the box.
document.addEventListener("keydown", (e) => {
  if ((e.key !== "ArrowDown" && e.key !== "ArrowUp") || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
  const box = document.getElementById("q");
  const here = e.target.closest && e.target.closest(".results > .result");
  const rows = [...document.querySelectorAll(".results > .result")];
  if (!rows.length || (!here && e.target !== box)) return;
  e.preventDefault();
  const next = rows.indexOf(here) + (e.key === "ArrowDown" ? 1 : -1);
  if (next >= rows.length || (!here && next < 0)) return;
  if (next < 0) return box.focus();
  into(rows[next]);
});

// into puts the focus on what can be done with a row, else on the row itself.
function into(row, still) {
  const act = row.querySelector(".act button, .act a");
  if (!act) row.tabIndex = -1;
  (act || row).focus({ preventScroll: !!still });
}

// While answers come in, nothing moves under somebody's eyes or hands: the row
// that has the focus, else the one under the pointer, else the first in the
// window stays where it is in the window, whatever rows before it grow by; a row
// that is answered keeps the room it had; and the focus goes to what can be done
// with it now.
const held = new WeakMap();
document.addEventListener("htmx:before:swap", (e) => {
  if (!e.target.closest || !e.target.closest(".results")) return;
  const rows = [...document.querySelectorAll(".results > .result")];
  const row = rows.find((r) => r.contains(document.activeElement)) || rows.find((r) => r.matches(":hover")) || rows.find((r) => r.getBoundingClientRect().bottom > 0);
  if (row) held.set(e.detail.ctx, { id: row.id, top: row.getBoundingClientRect().top, on: row.contains(document.activeElement), rows: new Map(rows.map((r) => [r.id, [r, r.getBoundingClientRect().height]])) });
});
document.addEventListener("htmx:after:swap", (e) => {
  const was = held.get(e.detail.ctx);
  if (!was) return;
  for (const r of document.querySelectorAll(".results > .result")) {
    const [before, height] = was.rows.get(r.id) || [];
    if (before && before !== r) r.style.minHeight = height + "px";
  }
  const row = document.getElementById(was.id);
  if (!row) return;
  if (was.on && !row.contains(document.activeElement)) into(row, true);
  scrollBy(0, row.getBoundingClientRect().top - was.top);
});
addEventListener("resize", () => document.querySelectorAll(".results > .result").forEach((r) => { r.style.minHeight = ""; }));

// What was typed and chosen goes along when the language is changed. Passwords
// and files do not, nor does a consent: it is given to the words that were read.
const fields = (form) => [...form.elements].filter((e) => e.name && e.matches("textarea, select, input:not([type=password], [type=file], [type=hidden], [name=accept], [name=consent])"));
const boxed = (field) => field.matches("[type=checkbox], [type=radio]");
const forms = () => [...document.querySelectorAll("main form[method=post]")];
const key = (form, i) => i + " " + form.getAttribute("action");
document.addEventListener("click", (e) => {
  if (e.target.closest && e.target.closest(".lang a")) {
    sessionStorage.setItem("typed", JSON.stringify(Object.fromEntries(forms().map((f, i) => [key(f, i), fields(f).filter((x) => !boxed(x) || x.checked).map((x) => [x.name, x.value, boxed(x)])]))));
  }
});
const typed = JSON.parse(sessionStorage.getItem("typed") || "{}");
sessionStorage.removeItem("typed");
forms().forEach((form, i) => {
  for (const [name, value, ticked] of typed[key(form, i)] || []) {
    const field = fields(form).find((x) => x.name === name && boxed(x) === ticked && (!ticked || x.value === value));
    if (field && ticked) field.checked = true;
    if (!field || ticked || !value || field.value === value) continue;
    field.value = value;
    if (field.value !== value) field.selectedIndex = 0; // no such choice on this page
  }
});
