/* A chart tells its values to the pointer and to the arrow keys. */
import { $, $$, on } from "./dom.js";

const values = (chart) => JSON.parse(chart.dataset.chart);

const point = (chart, wanted) => {
  const rows = values(chart);
  const index = Math.max(0, Math.min(rows.length - 1, wanted));
  if (!rows.length) return;
  chart.dataset.at = index;
  const [day, now, before, height] = rows[index];
  const share = rows.length > 1 ? index / (rows.length - 1) : 0.5;
  const plot = $(".plot", chart);
  const cursor = $(".cursor", chart);
  const dot = $("circle", cursor);
  const tip = $(".tip", chart);
  cursor.setAttribute("visibility", "visible");
  for (const end of ["x1", "x2"]) $("line", cursor).setAttribute(end, `${share * 100}%`);
  dot.setAttribute("cx", `${share * 100}%`);
  dot.setAttribute("cy", (height / 100) * plot.clientHeight);
  const head = document.createElement("b");
  const sub = document.createElement("span");
  head.textContent = `${now.toLocaleString()} ${chart.dataset.unit.toLowerCase()}`;
  sub.textContent = before === null ? day : `${day}, was ${before.toLocaleString()}`;
  tip.replaceChildren(head, sub);
  tip.hidden = false;
  const left = plot.getBoundingClientRect().left - chart.getBoundingClientRect().left;
  const x = left + plot.clientWidth * share;
  const flip = x + 14 + tip.offsetWidth > chart.clientWidth;
  tip.style.left = `${flip ? x - tip.offsetWidth - 14 : x + 14}px`;
};

const leave = (chart) => {
  $(".cursor", chart).setAttribute("visibility", "hidden");
  $(".tip", chart).hidden = true;
};

on("pointermove", (event) => {
  const chart = event.target.closest?.(".chart");
  for (const other of $$(".chart")) if (other !== chart && other !== document.activeElement) leave(other);
  if (!chart) return;
  const box = $(".plot", chart).getBoundingClientRect();
  point(chart, Math.round(((event.clientX - box.left) / box.width) * (values(chart).length - 1)));
});
on("focusout", (event) => event.target.matches?.(".chart") && leave(event.target));
on("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !event.target.matches?.(".chart")) return;
  event.preventDefault();
  point(event.target, Number(event.target.dataset.at ?? values(event.target).length) + step);
});
