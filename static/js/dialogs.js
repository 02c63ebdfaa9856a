/* Dialogs open from any element with data-dialog; the palette filters its links. */
import { $, $$, on } from "./dom.js";

export const open = (selector) => {
  const dialog = $(selector);
  if (!dialog?.showModal || dialog.open) return false;
  dialog.showModal();
  return true;
};

on("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    opener.closest("dialog")?.close();
    if (open(opener.dataset.dialog)) event.preventDefault();
  }
  if (event.target.matches("dialog") || event.target.closest("[data-cancel]")) {
    event.target.closest("dialog")?.close();
  }
});

const choices = (input) => $$("a, button", $(input.dataset.filter));
on("input", (event) => {
  if (!event.target.matches("[data-filter]")) return;
  const words = event.target.value.toLowerCase();
  choices(event.target).forEach((each) => (each.hidden = !each.textContent.toLowerCase().includes(words)));
});
on("keydown", (event) => {
  const dialog = event.target.closest?.("#palette");
  if (!dialog) return;
  const shown = $$(".menu-list :is(a, button)", dialog).filter((each) => each.offsetParent);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const next = shown.indexOf(event.target) + step;
    (shown[next] || $("input", dialog)).focus();
  } else if (event.key === "Enter" && event.target.matches("input") && shown[0]) {
    event.preventDefault();
    shown[0].click();
  }
});
