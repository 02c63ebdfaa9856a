"""Charts as SVG, drawn on the server: one place to change how a number looks.

Sizes are SVG attributes and classes only, because the content security policy
forbids style attributes. No series is too short: none, one and all-zero draw too.
"""

import datetime as dt
import itertools
import json
import math
from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 1000
STEPS = (0, 0.25, 0.5, 0.75, 1)

Point = tuple[float, float]


def nice_step(value: float) -> float:
    """Return the smallest round number that is not below `value`, at least 1."""
    if value <= 1:
        return 1
    size = 10.0 ** math.floor(math.log10(value))
    return next(m * size for m in (1.0, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if value <= m * size)


def smooth_path(points: Sequence[Point]) -> str:
    """Return an SVG path through `points` that never overshoots them (monotone cubic)."""
    if not points:
        return ""
    if len(points) == 1:
        x, y = points[0]
        return f"M{x:.1f} {y:.1f}h0"
    pairs = list(itertools.pairwise(points))
    rise = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs]
    slope = [rise[0], *map(_between, rise, rise[1:]), rise[-1]]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (a, b), before, after in zip(pairs, slope, slope[1:], strict=False):
        third = (b[0] - a[0]) / 3
        path += (
            f"C{a[0] + third:.1f} {a[1] + before * third:.1f}"
            f" {b[0] - third:.1f} {b[1] - after * third:.1f} {b[0]:.1f} {b[1]:.1f}"
        )
    return path


def _between(left: float, right: float) -> float:
    return 0 if left * right <= 0 else 2 * left * right / (left + right)


def line_chart(
    labels: Sequence[dt.date],
    now: Sequence[float],
    prev: Sequence[float] = (),
    unit: str = "",
    height: int = 212,
) -> SafeString:
    """Return a line chart of a value a day, the previous period dotted, with its table.

    Args:
        labels: the days, oldest first.
        now: a value for each day.
        prev: the value of the same day one period earlier; empty when there is none.
        unit: what is counted, as a plural ("Replies").
        height: of the plot, in pixels.
    """
    top = len(STEPS[1:]) * nice_step(max([*now, *prev, 0]) * 1.02 / 4)
    current, old = _points(now, top, height), _points(prev, top, height)
    line = smooth_path(current)
    return format_html(
        '<div class="chart" data-chart="{}" data-unit="{}" tabindex="0" role="group"'
        ' aria-label="{} per day, {} days. Left and right arrow keys read the values.">'
        '<svg class="plot" height="{}" width="100%" aria-hidden="true">{}{}{}'
        '<g class="cursor" visibility="hidden"><line y1="0" y2="{}"/><circle r="4.5"/></g></svg>'
        '<div class="tip" role="status" hidden></div></div>{}',
        json.dumps(_values(labels, now, prev, top)),
        unit,
        unit,
        len(labels),
        height,
        _grid(top, height),
        _days(labels, height),
        _curves(line, smooth_path(old), current, height),
        height,
        _table(labels, now, prev),
    )


def _points(values: Sequence[float], top: float, height: int) -> list[Point]:
    if len(values) == 1:
        return [(WIDTH / 2, height - values[0] / top * height)]
    step = WIDTH / max(1, len(values) - 1)
    return [(i * step, height - value / top * height) for i, value in enumerate(values)]


def _values(
    labels: Sequence[dt.date], now: Sequence[float], prev: Sequence[float], top: float
) -> list[list[object]]:
    earlier = list(prev) + [None] * (len(now) - len(prev))
    return [
        [date_format(day, "D j M"), value, before, round(100 * (1 - value / top), 2)]
        for day, value, before in zip(labels, now, earlier, strict=False)
    ]


def _grid(top: float, height: int) -> SafeString:
    return format_html_join(
        "",
        '<line class="g" x1="0" x2="100%" y1="{0}" y2="{0}"/>'
        '<text class="yl" x="-10" y="{1}">{2}</text>',
        (
            (f"{height * (1 - share):.1f}", f"{height * (1 - share) + 4:.1f}", f"{top * share:,g}")
            for share in STEPS
        ),
    )


def _days(labels: Sequence[dt.date], height: int) -> SafeString:
    """Label about five days of the axis; on a phone every other one is hidden."""
    last = len(labels) - 1
    every = max(1, math.ceil(last / 4))
    shown = sorted({*range(0, max(1, last - every // 2), every), last}) if labels else []
    return format_html_join(
        "",
        '<text class="xl" x="{}%" y="{}" text-anchor="{}"{}>{}</text>',
        (
            (
                f"{50 if last == 0 else i * 100 / last:.2f}",
                height + 22,
                "middle" if last == 0 or 0 < i < last else "start" if i == 0 else "end",
                SafeString(" data-opt" if n % 2 and i != last else ""),
                date_format(labels[i], "j M"),
            )
            for n, i in enumerate(shown)
        ),
    )


def _curves(line: str, old: str, current: Sequence[Point], height: int) -> SafeString:
    area = f"{line}L{current[-1][0]:.1f} {height}L{current[0][0]:.1f} {height}Z" if current else ""
    return format_html(
        '<svg width="100%" height="{0}" viewBox="0 0 {1} {0}" preserveAspectRatio="none">'
        '<defs><linearGradient id="fade" x1="0" x2="0" y1="0" y2="1">'
        '<stop offset="0" class="s0"/><stop offset="1" class="s1"/></linearGradient></defs>'
        '<path class="area" d="{2}"/><path class="prev" d="{3}"/><path class="now" d="{4}"/></svg>',
        height,
        WIDTH,
        area,
        old,
        line,
    )


def _table(labels: Sequence[dt.date], now: Sequence[float], prev: Sequence[float]) -> SafeString:
    earlier = list(prev) + [""] * (len(now) - len(prev))
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="num">{}</td><td class="num">{}</td></tr>',
        (
            (date_format(day, "j M Y"), value, before)
            for day, value, before in zip(labels, now, earlier, strict=False)
        ),
    )
    return format_html(
        '<details class="chart-table"><summary>Show as table</summary>'
        '<div class="scroll" tabindex="0" role="region" aria-label="Values per day">'
        '<table class="table"><thead><tr><th scope="col">Day</th>'
        '<th scope="col" class="num">This period</th><th scope="col" class="num">Previous</th>'
        "</tr></thead><tbody>{}</tbody></table></div></details>",
        rows,
    )


def spark_line(
    values: Sequence[float], width: int = 88, height: int = 24, tone: str = ""
) -> SafeString:
    """Return a line of `values` the size of a word, without axes."""
    low, high = min(values, default=0), max(values, default=0)
    step = width / max(1, len(values) - 1)
    points = [
        (i * step, height - 2 - (value - low) / ((high - low) or 1) * (height - 4))
        for i, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark" data-tone="{0}" width="{1}" height="{2}" viewBox="0 0 {1} {2}"'
        ' aria-hidden="true"><path d="{3}"/></svg>',
        tone,
        width,
        height,
        smooth_path(points),
    )


def funnel_bars(stages: Sequence[tuple[str, int]]) -> SafeString:
    """Return bars on one linear scale, each with its share of the stage before.

    Args:
        stages: name and number, the widest first; anything after those two is ignored.
    """
    top = max((stage[1] for stage in stages), default=0)
    before = [None, *(stage[1] for stage in stages)]
    return format_html(
        '<ol class="funnel">{}</ol>',
        format_html_join(
            "",
            '<li><span>{}</span><svg aria-hidden="true"><rect width="100%" height="100%" rx="4"/>'
            '<rect class="v" width="{}%" height="100%" rx="4"/></svg><b>{}</b>'
            '<span class="r">{}</span></li>',
            (
                (stage[0], _share(stage[1], top), f"{stage[1]:,}", _percent(stage[1], earlier))
                for stage, earlier in zip(stages, before, strict=False)
            ),
        ),
    )


def _share(number: int, top: int) -> str:
    """A floor of 1.5 % keeps a small stage visible; nothing at all stays nothing."""
    return f"{max(1.5, 100 * number / top):.1f}" if number and top else "0"


def _percent(number: int, before: int | None) -> str:
    return f"{100 * number / before:.0f}%" if before else ""


def meter_bar(value: float, top: float = 100, tone: str = "") -> SafeString:
    """Return a tiny bar that is full at `top`; the number itself stands beside it."""
    share = max(0.0, min(100.0, 100 * float(value or 0) / float(top))) if top else 0.0
    return format_html(
        '<svg class="meter" data-tone="{}" aria-hidden="true">'
        '<rect width="100%" height="100%" rx="2"/>'
        '<rect class="v" width="{}%" height="100%" rx="2"/></svg>',
        tone,
        f"{share:.1f}",
    )
