/* Ticking rows: all of a page, a range with Shift, and the number in the bulk bar. */
import { $, $$, on } from "./dom.js";

let anchor = null;

export const boxes = () => $$("tbody .check[name=ids]");

export const recount = () => {
  const all = boxes();
  const ticked = all.filter((box) => box.checked);
  const head = $("thead .check");
  if (head) {
    head.checked = ticked.length > 0 && ticked.length === all.length;
    head.indeterminate = ticked.length > 0 && !head.checked;
  }
  const count = $("[data-count]");
  if (count) count.textContent = ticked.length;
};

export const tick = (box, checked) => {
  box.checked = checked;
  anchor = box;
  recount();
};

on("click", (event) => {
  const box = event.target.closest("tbody .check[name=ids]");
  if (!box) return;
  if (event.shiftKey && anchor) {
    const all = boxes();
    const [from, to] = [all.indexOf(anchor), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(Math.max(0, from), to + 1).forEach((each) => (each.checked = box.checked));
  }
  tick(box, box.checked);
});
on("change", (event) => {
  if (event.target.matches("thead .check")) {
    boxes().forEach((box) => (box.checked = event.target.checked));
    recount();
  }
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});
on("htmx:afterSwap", recount);
on("reset", () => setTimeout(recount));
recount();
