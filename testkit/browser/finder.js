// Finds fields, buttons and links by the words a person sees. The rules are
// those of testkit/page: equal words, then a beginning, then a part.
(() => {
  const fold = (s) => (s || "").replace(/\s+/g, " ").trim();
  const shown = (e) => {
    if (e.closest("[hidden],template")) return false;
    if (e.type === "file" || e.type === "checkbox" || e.type === "radio") return true; // often drawn by their label
    return e.checkVisibility ? e.checkVisibility() : true;
  };
  const label = (e) => {
    if (e.getAttribute("aria-label")) return fold(e.getAttribute("aria-label"));
    const by = e.getAttribute("aria-labelledby");
    if (by) return fold(by.split(/\s+/).map((i) => (document.getElementById(i) || {}).textContent).join(" "));
    if (e.labels && e.labels.length) return fold([...e.labels].map((l) => l.textContent).join(" "));
    return fold(e.placeholder);
  };
  const pick = (list, name, words) => {
    for (const fits of [(s) => s === words, (s) => s.startsWith(words), (s) => s.includes(words)]) {
      const found = list.find((e) => fits(name(e)));
      if (found) return found;
    }
    return null;
  };
  const fields = (kind) => [...document.querySelectorAll("input,select,textarea")].filter((e) => {
    if (e.disabled || ["hidden", "submit", "button", "image", "reset"].includes(e.type) || !shown(e)) return false;
    const k = e.tagName === "SELECT" ? "select" : ["checkbox", "radio"].includes(e.type) ? "box" : e.type === "file" ? "file" : "text";
    return k === kind;
  });
  const field = (kind, words) => {
    const list = fields(kind);
    const e = pick(list, label, words);
    if (!e) throw new Error("no field is labelled " + JSON.stringify(words) + "; there are " + JSON.stringify(list.map(label)));
    return e;
  };
  const tell = (e) => { e.dispatchEvent(new Event("input", { bubbles: true })); e.dispatchEvent(new Event("change", { bubbles: true })); };
  return {
    fill(words, value) { const e = field("text", words); e.value = value; tell(e); return true; },
    choose(words, option) {
      const e = field("select", words);
      const o = pick([...e.options], (x) => fold(x.textContent), option);
      if (!o) throw new Error(words + " offers no " + JSON.stringify(option));
      e.value = o.value; tell(e); return true;
    },
    tick(words, on) { const e = field("box", words); if (e.checked !== on) { e.checked = on; tell(e); } return true; },
    file(words) { const e = field("file", words); e.setAttribute("data-story-file", "1"); return true; },
    press(words, row) {
      const name = (e) => fold(e.getAttribute("aria-label") || (e.tagName === "INPUT" ? e.value : e.innerText));
      const within = (scope) => [...scope.querySelectorAll("button,a[href],input[type=submit]")].filter((e) => !e.disabled && shown(e))
        .sort((a, b) => (a.tagName === "A") - (b.tagName === "A")); // a form's button before a link of the same words
      let scopes = [document];
      if (row) {
        // The smallest part that says the row and has what is to be pressed.
        scopes = [...document.querySelectorAll("tr,li,article,form,section,fieldset,div,dl")]
          .map((e) => ({ e, t: fold(e.innerText) })).filter((c) => c.t.includes(row) && c.e.querySelector("button,a[href],input,select"))
          .sort((a, b) => a.t.length - b.t.length).map((c) => c.e);
        if (!scopes.length) throw new Error("no part of the page with an action says " + JSON.stringify(row));
      }
      let e = null;
      for (const scope of scopes) if ((e = pick(within(scope), name, words))) break;
      if (!e) throw new Error("nothing to press says " + JSON.stringify(words) + "; there are " + JSON.stringify(within(scopes[0]).map(name)));
      const form = e.form || e.closest("form");
      if (form) form.noValidate = true; // what the server says is what we read
      const swaps = !!e.closest("[hx-get],[hx-post]");
      e.scrollIntoView({ block: "center" });
      e.click();
      return swaps;
    },
    seen() {
      const nav = performance.getEntriesByType("navigation")[0];
      return { url: location.href, title: document.title, text: fold(document.body ? document.body.innerText + " " +
        [...document.querySelectorAll("input:not([type=hidden]):not([type=password]),select")].map((e) => e.tagName === "SELECT" ? (e.selectedOptions[0] || {}).textContent : e.value).join(" ") : ""),
        status: (nav && nav.responseStatus) || 200, ready: document.readyState === "complete" && !document.querySelector(".htmx-request"), live: !!document.querySelector("[hx-sse\\:connect],[hx-trigger*=every]") };
    },
    twice(words) {
      const e = pick([...document.querySelectorAll("button")].filter((b) => !b.disabled && shown(b)), (b) => fold(b.getAttribute("aria-label") || b.innerText), words);
      if (!e) throw new Error("no button says " + JSON.stringify(words));
      e.click(); e.click();
      return true;
    },
    focused() {
      const e = document.activeElement;
      return e && e !== document.body ? fold(e.getAttribute("aria-label") || (e.labels && e.labels[0] && e.labels[0].textContent) || e.innerText || e.id) : "";
    },
    beyond() {
      const edge = document.documentElement.clientWidth, out = (e) => e.getBoundingClientRect().right > edge + 1;
      return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && out(e) && ![...e.children].some(out)).slice(0, 5)
        .map((e) => [...[e.parentElement, e].map((x) => x.tagName.toLowerCase() + (x.id ? "#" + x.id : x.classList.length ? "." + x.classList[0] : ""))].join(" > ") + " " + JSON.stringify(fold(e.textContent).slice(0, 40)));
    },
    moving() {
      return [...document.querySelectorAll("*")].filter((e) => /[1-9]/.test(getComputedStyle(e).transitionDuration)).length;
    },
    ticked() { return [...document.querySelectorAll("main :checked:is([type=checkbox], [type=radio])")].map((e) => e.name + "=" + e.value); },
    tops(selector) { return Object.fromEntries([...document.querySelectorAll(selector)].filter((e) => e.id).map((e) => [e.id, Math.round(e.getBoundingClientRect().top)])); },
    scrolled() { return Math.round(scrollY); },
    wide() { return document.documentElement.scrollWidth - document.documentElement.clientWidth; },
  };
})()
