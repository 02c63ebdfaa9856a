/* The open row of a list, its drawer or pane, and the way back; the current tab in sight. */
import { $, $$, on } from "./dom.js";

for (const tab of $$(":is(.subnav, .tabs) [aria-current]")) {
  const bar = tab.parentElement;
  bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
}

on("htmx:beforeRequest", (event) => {
  const row = event.detail.elt.closest?.("[data-item]");
  if (!row || event.detail.requestConfig.verb !== "get") return;
  $$("[data-item][aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  row.setAttribute("aria-current", "true");
  const panes = $(".panes");
  if (panes) panes.dataset.open = "work";
});
on("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "drawer") $("#drawer h2")?.focus();
});

/* Closing asks the server nothing; without script the same link leads to the list. */
on("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (!close || !$("#drawer")?.contains(close)) return;
  event.preventDefault();
  $("#drawer").replaceChildren();
  const url = new URL(location);
  url.searchParams.delete("peek");
  history.replaceState(history.state, "", url);
  const row = $("[data-item][aria-current=true]");
  row?.removeAttribute("aria-current");
  row?.querySelector("a")?.focus();
});
