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
