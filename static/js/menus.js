/* A menu sits under (or above) the button that opened it. */
import { $, on } from "./dom.js";

const enter = (menu) =>
  $("a, button, input:not([type=hidden])", menu)?.focus({ preventScroll: true });

on(
  "toggle",
  (event) => {
    const menu = event.target;
    if (event.newState !== "open" || !menu.matches?.(".menu[popover]")) return;
    const button = $(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
    const below = button.bottom + 6;
    const fits = below + menu.offsetHeight <= innerHeight - 8;
    menu.style.top = `${fits ? below : Math.max(8, button.top - 6 - menu.offsetHeight)}px`;
    menu.style.left = `${Math.max(8, Math.min(button.left, innerWidth - menu.offsetWidth - 8))}px`;
    enter(menu);
  },
  true,
);
on("htmx:afterSwap", (event) => {
  if (event.detail.target.matches(".menu:popover-open")) enter(event.detail.target);
});
on("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("a, button")];
  items.at((items.indexOf(event.target) + step) % items.length).focus();
});
