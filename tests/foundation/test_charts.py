import datetime as dt
import json
import re
from html import unescape

import pytest

from foundation.charts import funnel_bars, line_chart, meter_bar, nice_step, smooth_path, spark_line

DAYS = [dt.date(2026, 11, day) for day in range(1, 31)]


@pytest.mark.parametrize(
    ("value", "step"), [(0, 1), (0.2, 1), (1, 1), (1.2, 1.5), (7, 8), (11, 15), (9999, 10000)]
)
def test_nice_step_is_round_and_large_enough(value, step):
    assert nice_step(value) == step


@pytest.mark.parametrize("values", [[], [0], [5], [0, 0], [1, 2], [3, 0, 9], [10**9] * 30])
def test_line_chart_draws_any_series(values):
    html = line_chart(DAYS[: len(values)], values, [0 for _ in values], "Replies")

    assert "nan" not in html
    assert html.count('<tr><th scope="row">') == len(values)


def test_line_chart_without_previous_period_says_so_in_its_values():
    html = line_chart(DAYS[:2], [1, 2], [], "Replies")
    values = json.loads(unescape(re.findall(r'data-chart="([^"]+)"', html)[0]))

    assert [row[1:3] for row in values] == [[1, None], [2, None]]


def test_line_chart_escapes_its_unit():
    assert "<script>" not in line_chart(DAYS[:1], [1], [1], "<script>")


def test_line_chart_labels_few_days_and_always_the_last():
    labels = re.findall(r'class="xl"[^>]*>([^<]+)', line_chart(DAYS, [1] * 30, [], "Sent"))

    assert len(labels) <= 6
    assert (labels[0], labels[-1]) == ("1 Nov", "30 Nov")


def test_smooth_path_of_no_point_is_empty():
    assert smooth_path([]) == ""


@pytest.mark.parametrize("values", [[], [0], [4], [2, 2, 2], [1, 5]])
def test_spark_line_draws_any_series(values):
    assert "<svg" in spark_line(values)


@pytest.mark.parametrize("stages", [[], [("Sent", 0)], [("Sent", 0), ("Won", 0)]])
def test_funnel_bars_draw_zeros(stages):
    html = funnel_bars(stages)

    assert html.count("<li>") == len(stages)
    assert 'width="1.5%"' not in html


def test_funnel_bars_give_the_share_of_the_stage_before():
    html = funnel_bars([("Sent", 200), ("Opened", 100), ("Won", 1)])

    assert re.findall(r'class="r">([^<]*)', html) == ["", "50%", "1%"]


def test_funnel_bars_keep_a_small_stage_visible():
    assert 'class="v" width="1.5%"' in funnel_bars([("Sent", 10_000), ("Won", 1)])


@pytest.mark.parametrize(
    ("value", "top", "width"),
    [(50, 100, "50.0"), (0, 0, "0.0"), (7, 0, "0.0"), (300, 100, "100.0"), (-5, 100, "0.0")],
)
def test_meter_bar_stays_between_empty_and_full(value, top, width):
    assert f'class="v" width="{width}%"' in meter_bar(value, top)
