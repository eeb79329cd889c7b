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
  const act = rows[next].querySelector(".act button, .act a");
  if (!act) rows[next].tabIndex = -1;
  (act || rows[next]).focus();
});

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
