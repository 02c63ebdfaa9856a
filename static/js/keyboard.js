/* Single keys press real buttons and links; see the shortcuts dialog for the list. */
import { $, $$, on, typing } from "./dom.js";
import { open } from "./dialogs.js";
import { boxes, recount, tick } from "./selection.js";

const visible = (element) => element.offsetParent !== null && !element.disabled;

const move = (step) => {
  const rows = $$("[data-item]");
  if (!rows.length) return;
  let at = rows.findIndex((row) => row.contains(document.activeElement));
  if (at < 0) at = rows.findIndex((row) => row.matches("[aria-current=true]"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  (row.matches("a") ? row : $("a[href], button", row)).focus();
  row.scrollIntoView({ block: "nearest" });
  if (row.matches("[data-open-on-move]")) row.click();
  else if ($("#drawer .drawer")) $(".row-link", row)?.click();
};

const escape = (event) => {
  if ($("dialog[open], :popover-open:not(#toasts)")) return;
  if (typing(event)) return event.target.blur();
  const close = $("#drawer [data-close]");
  if (close) return close.click();
  boxes().forEach((box) => (box.checked = false));
  recount();
};

let chord = 0;
const single = {
  g: () => (chord = Date.now()),
  j: () => move(1),
  k: () => move(-1),
  "?": () => open("#shortcuts"),
  "/": () => $("[data-search]")?.select() ?? $("[data-search]")?.focus(),
  x: () => {
    const box = document.activeElement.closest("[data-item]")?.querySelector(".check");
    if (box) tick(box, !box.checked);
  },
};

on("keydown", (event) => {
  const control = event.metaKey || event.ctrlKey;
  if (control && event.key === "k") {
    event.preventDefault();
    return open("#palette");
  }
  if (control && event.key === "Enter") {
    const send = event.target.closest("form")?.querySelector("[data-primary]");
    if (send) event.preventDefault();
    return send?.click();
  }
  if (event.key === "Escape") return escape(event);
  if (control || event.altKey || typing(event) || $("dialog[open]")) return;
  if (document.documentElement.dataset.keys === "off") return;
  const there = Date.now() - chord < 900 && $$("[data-go]").find((link) => link.dataset.go === event.key);
  chord = 0;
  if (there) return location.assign(there.href);
  const pressed = $$("[data-key]").findLast((each) => each.dataset.key === event.key && visible(each));
  const react = pressed ? () => pressed.click() : single[event.key];
  if (!react) return;
  event.preventDefault();
  react();
});
