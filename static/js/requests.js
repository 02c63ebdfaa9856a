/* htmx requests: a busy bar while they run, a toast when they fail, no polling while nobody looks. */
import { on } from "./dom.js";
import { toast } from "./toasts.js";

const WORDS = {
  0: "No connection. Nothing was changed.",
  400: "That request was not understood. Nothing was changed.",
  403: "You do not have access, or your session expired. Reload the page.",
  404: "That item no longer exists.",
  409: "Someone else changed this first. Reload to see their version.",
  413: "That file is too large.",
  429: "Too many requests. Wait a moment and try again.",
};

const failed = (event) => {
  const answer = event.detail.xhr;
  const status = answer?.status || 0;
  const id = status && answer.getResponseHeader("X-Request-ID");
  const words = WORDS[status] || "Something failed on our side. Nothing was changed.";
  toast(words, "bad", id ? `Reference ${id}` : "");
};
on("htmx:responseError", failed);
on("htmx:sendError", failed);
on("htmx:timeout", failed);

const polls = (element) => /every/.test(element?.getAttribute?.("hx-trigger") || "");
let running = 0;
on("htmx:beforeSend", (event) => {
  if (polls(event.detail.elt)) return;
  running += 1;
  document.documentElement.classList.add("htmx-busy");
});
on("htmx:afterRequest", (event) => {
  if (polls(event.detail.elt)) return;
  running = Math.max(0, running - 1);
  if (!running) document.documentElement.classList.remove("htmx-busy");
});
on("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event.detail.elt)) event.preventDefault();
});
