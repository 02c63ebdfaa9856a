/* Writing e-mails: variables go in at the caret, what is not saved yet is said and guarded. */
import { $, on } from "./dom.js";

let last = null;
on("focusin", (event) => {
  if (event.target.matches("[data-liquid]")) last = event.target;
});

on("click", (event) => {
  const pick = event.target.closest("[data-insert]");
  if (!pick) return;
  const field = last?.isConnected ? last : $("textarea[data-liquid]");
  if (!field) return;
  pick.closest("[popover]")?.hidePopover();
  field.focus();
  field.setRangeText(pick.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

on("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form && !event.target.closest("[data-unguarded]")) form.dataset.unsaved = "";
});
on("submit", (event) => {
  if (event.submitter?.formTarget !== "_blank") event.target.removeAttribute("data-unsaved");
});
addEventListener("beforeunload", (event) => {
  if ($("form[data-guard][data-unsaved]")) event.preventDefault();
});

/* A dialog that the server sent opens over the page. */
on("htmx:afterSwap", (event) => {
  const dialog = $("dialog[data-modal]", event.detail.target);
  if (dialog && !dialog.open) dialog.showModal();
});
