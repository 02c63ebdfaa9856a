/* Shorthands every other file uses. */
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (name, react, capture) => document.addEventListener(name, react, capture);

/** Whether the event happens where letters are text, not shortcuts. */
export const typing = (event) =>
  event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
