import csv
import io

import pytest

from foundation.exports import csv_lines, csv_response, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.test")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "\ufeff=1",
        "|calc",
        "%0",
        "＝1",
        "＋1",
        "－1",
        "＠1",
    ],
)
def test_safe_cell_disarms_formulas(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Elena", "a=b", "2026-11-21", "", "maya@northbeam.example"])
def test_safe_cell_leaves_ordinary_text_alone(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize("number", [-1, 0, -2.5])
def test_safe_cell_leaves_numbers_numbers(number):
    assert safe_cell(number) == number


def test_safe_cell_writes_nothing_for_none():
    assert safe_cell(None) == ""


def test_csv_lines_can_be_read_back():
    text = "".join(csv_lines(["name", "note"], [['Ø, "quoted"', "two\nlines"], ["=1", None]]))

    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))

    assert rows == [["name", "note"], ['Ø, "quoted"', "two\nlines"], ["'=1", ""]]


def test_csv_lines_disarm_the_header_too():
    assert next(csv_lines(["=1"], [])) == "\ufeff'=1\r\n"


def test_csv_response_is_a_streamed_download():
    response = csv_response("leads.csv", ["a"], [[1]])

    assert response["Content-Disposition"] == 'attachment; filename="leads.csv"'
    assert response.streaming
    assert response.getvalue().decode() == "\ufeffa\r\n1\r\n"
