/* Toasts leave by themselves, but never while pointed at or focused. */
import { $, $$, on } from "./dom.js";

export const toast = (text, tone = "", detail = "") => {
  const card = $("#toast-tpl").content.firstElementChild.cloneNode(true);
  card.dataset.tone = tone;
  $("p", card).prepend(text);
  $("small", card).textContent = detail;
  $("#toasts").append(card);
};

const arm = (card) => {
  let left = card.dataset.tone === "bad" ? 12000 : 6000;
  let timer;
  let from;
  const go = () => {
    from = Date.now();
    timer = setTimeout(() => card.remove(), left);
  };
  const hold = () => {
    clearTimeout(timer);
    left = Math.max(2500, left - (Date.now() - from));
  };
  card.addEventListener("pointerenter", hold);
  card.addEventListener("pointerleave", go);
  card.addEventListener("focusin", hold);
  card.addEventListener("focusout", go);
  go();
};

/* An open dialog covers everything but other popovers. */
const raise = () => {
  if (!$("dialog[open]")) return;
  const shelf = $("#toasts");
  shelf.popover = "manual";
  shelf.hidePopover();
  shelf.showPopover();
};

new MutationObserver((changes) => {
  const added = changes.flatMap((change) => [...change.addedNodes]);
  added.filter((node) => node.matches?.(".toast")).forEach(arm);
  if (added.length) raise();
}).observe($("#toasts"), { childList: true });
$$("#toasts .toast").forEach(arm);

on("htmx:afterRequest", (event) => {
  if (event.detail.successful) event.detail.elt.closest?.(".toast")?.remove();
});
on("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast, .banner").remove();
});
