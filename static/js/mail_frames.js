/* A mail's frame is as tall as the mail; its sandbox runs no script, so reading it is safe. */
import { $$, on } from "./dom.js";

const fit = (frame) => {
  const body = frame.contentDocument?.body;
  if (body) frame.style.height = `${Math.min(1400, Math.max(160, body.scrollHeight + 2))}px`;
};
const fitAll = () =>
  $$("iframe.paper").forEach((frame) => {
    frame.addEventListener("load", () => fit(frame), { once: true });
    if (frame.contentDocument?.readyState === "complete") fit(frame);
  });

on("htmx:afterSettle", fitAll);
fitAll();
