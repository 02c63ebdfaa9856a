"""Templates become e-mails; values never become anything but text."""

import json
from html.parser import HTMLParser

import pytest
from django.core.management import CommandError, call_command

from campaigns.templating import (
    VARIABLES,
    render_email,
    syntax_error,
    unknown_variables,
    variables,
)

NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "x](javascript:alert(1))",
    "[click](https://evil.example)",
    "https://evil.example/x",
    "**bold**",
    "- item",
    "=cmd|' /C calc'!A0",
    "&lt;b&gt;",
    "<!-- x -->",
    "\u202egnp.exe",
    "a\u2028b",
)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)
        self.shown += "".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.shown += data


def _body(template: str, **values: object) -> str:
    return render_email("", template, values).text


@pytest.mark.parametrize(
    "name",
    ["company_name", "companyName", "CompanyName", "COMPANY_NAME", "Company Name", "company name"],
)
def test_a_variable_is_found_under_any_spelling(name: str) -> None:
    assert _body(f"{{{{ {name} }}}}", company_name="Ridge") == "Ridge"


@pytest.mark.parametrize("key", ["companyName", "Company Name", "company-name", "COMPANY_NAME"])
def test_a_value_is_found_however_its_column_was_called(key: str) -> None:
    assert render_email("", "{{ company_name }}", {key: "Ridge"}).text == "Ridge"


def test_default_fills_what_is_missing_or_empty() -> None:
    template = '{{ first_name | default: "there" }} {{ last_name | default: "you" }}'
    assert _body(template, first_name="  ") == "there you"


def test_a_filter_passes_a_hole_on_to_default() -> None:
    assert _body('{{ city | upcase | prepend: "in " | default: "nearby" }}') == "nearby"


def test_holes_are_named_once_in_order() -> None:
    rendered = render_email("{{ topic }}", "{{ first_name }} {{ city }} {{ topic }}", {"city": ""})
    assert rendered.unresolved == ["topic", "first_name", "city"]


def test_a_hole_in_an_untaken_branch_is_no_hole() -> None:
    rendered = render_email("", "A{% if city %} in {{ city }}{% endif %}", {"city": ""})
    assert (rendered.text, rendered.unresolved) == ("A", [])


@pytest.mark.parametrize("value", ["{{ secret }}", "{% include 'x' %}", "Dear {{FNAME}}"])
def test_template_code_in_a_value_is_a_hole_not_code(value: str) -> None:
    rendered = render_email("", "Hi {{ first_name }}", {"first_name": value, "secret": "S3"})
    assert (rendered.unresolved, "S3" in rendered.text) == (["first_name"], False)


@pytest.mark.parametrize("value", NASTY)
def test_a_value_never_becomes_markup(value: str) -> None:
    rendered = render_email("", "Hi {{ company }}", {"company": value})
    seen = _Elements()
    seen.feed(rendered.html)
    assert (seen.tags, rendered.links, seen.shown) == (["p"], [], rendered.text)


@pytest.mark.parametrize("value", NASTY)
def test_a_value_at_the_start_of_a_line_stays_text(value: str) -> None:
    rendered = render_email("", "{{ company }}\n{{ company }}", {"company": value})
    assert "<li>" not in rendered.html


def test_a_formula_is_sent_as_the_text_it_is() -> None:
    assert _body("{{ company }}", company="=1+1") == "=1+1"


@pytest.mark.parametrize("value", ["Eve\r\nBcc: x@evil.example", "Eve\nBcc: x", "Eve\x0bBcc: x"])
def test_line_breaks_in_a_value_become_spaces(value: str) -> None:
    rendered = render_email("Hi {{ first_name }}", "{{ first_name }}", {"first_name": value})
    assert [rendered.subject.splitlines(), rendered.text.splitlines()] == [
        ["Hi " + " ".join(value.split())],
        [" ".join(value.split())],
    ]


def test_a_nul_is_refused_by_name() -> None:
    rendered = render_email("", "{{ first_name }}", {"first_name": "a\x00b"})
    assert (rendered.text, "first_name" in rendered.error) == ("", True)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a@evil.example",
        "x) [y](https://evil.example",
        "//evil.example",
        "https://",
    ],
)
def test_a_value_in_a_link_is_a_web_address_or_no_link(target: str) -> None:
    assert render_email("", "[site]({{ website }})", {"website": target}).links == []


def test_the_clients_page_becomes_a_link() -> None:
    rendered = render_email(
        "", "See {{ target_url }}.", {"target_url": "https://n.example/a?b=1&c"}
    )
    assert rendered.html == (
        '<p>See <a href="https://n.example/a?b=1&amp;c">https://n.example/a?b=1&amp;c</a>.</p>'
    )


def test_markup_becomes_clean_html() -> None:
    body = "Hi,\n\nfirst\nsecond\n\n- one\n- **two**\n\n[label](https://a.example/x) and https://b.example."
    assert render_email("", body, {}).html == (
        "<p>Hi,</p>\n<p>first<br>\nsecond</p>\n<ul><li>one</li><li><b>two</b></li></ul>\n"
        '<p><a href="https://a.example/x">label</a> and '
        '<a href="https://b.example">https://b.example</a>.</p>'
    )


def test_plain_text_names_the_target_of_a_link() -> None:
    assert _body("**See** [label](https://a.example/x)") == "See label (https://a.example/x)"


def test_html_written_by_the_author_is_text() -> None:
    assert render_email("", "<b>x</b>", {}).html == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_links_are_listed_once_in_order() -> None:
    body = "https://b.example https://a.example [x](https://b.example)"
    assert render_email("", body, {}).links == ["https://b.example", "https://a.example"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Hi {{ first_name", "Body: a “{{” is not closed with “}}”."),
        ("a\nb {{ }}", "Body: a variable name is missing between “{{” and “}}”."),
        ("a\n\n{{ x | shout }}", "Body, line 3: there is no filter called “shout”."),
        ("a\n{% include 'x' %}", "Body, line 2: “include” cannot be used in an e-mail."),
        ("{% render 'x' %}", "Body: “render” cannot be used in an e-mail."),
        ("{% if x %}a", "Body: “endif” is missing; every opening tag needs its end."),
        ("{% endif %}", "Body: “endif” closes nothing; remove it or add its opening tag."),
        (
            "{% raw %}{{ x }}{% endraw %}",
            "Body: template code would be left in the e-mail; remove “raw” or its braces.",
        ),
    ],
)
def test_errors_are_said_in_plain_words(body: str, words: str) -> None:
    assert render_email("", body, {}).error == words


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..99999999999) reversed %}x{% endfor %}",
        "{% assign s='aa' %}{% assign l='a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a' | split: ',' %}{% for x in l %}{% assign s = s | append: s %}{% endfor %}",  # noqa: E501  # one template
        "{{ 'aaaaaaaaaa' " + "| replace: 'a', 'aaaaaaaaaa' " * 30 + "}}",
        "{{ 999999999999 | times: 999999999999 | times: 999999999999 }}",
        "{{ a" + "[" * 3000 + "]" * 3000 + " }}",
        "{% if a %}" * 400 + "{% endif %}" * 400,
        "x" * 20_001,
        "{{ x }}" * 2_000,
    ],
)
def test_greedy_templates_are_stopped(body: str) -> None:
    assert render_email("", body, {"x": "y" * 100}).error != ""


@pytest.mark.parametrize(
    "body",
    [
        "{{ first_name.__class__ }}",
        "{{ first_name.__class__.__mro__ }}",
        "{{ first_name['__init__'] }}",
        "{{ __builtins__ }}",
        "{{ custom.__class__ }}",
    ],
)
def test_no_object_of_the_host_is_reachable(body: str) -> None:
    rendered = render_email("", body, {"first_name": "Eve", "custom": {}})
    assert (rendered.text, len(rendered.unresolved)) == ("", 1)


def test_a_subject_longer_than_500_characters_is_an_error() -> None:
    assert render_email("{{ x }}", "b", {"x": "y" * 501}).error == (
        "Subject: 501 characters; at most 500 fit."
    )


def test_syntax_error_needs_no_lead() -> None:
    assert syntax_error("{{ a }}", "x\n{{ b | shout }}") == (
        "Body, line 2: there is no filter called “shout”."
    )


def test_variables_leave_out_what_the_template_sets_itself() -> None:
    body = "{% assign x = 1 %}{{ x }} {{ client.name }} {{ a | default: b }}"
    assert variables("{{ topic }}", body) == ["topic", "client.name", "a", "b"]


def test_unknown_variables_know_every_spelling() -> None:
    known = [item.name for item in VARIABLES]
    assert unknown_variables("", "{{ FirstName }} {{ colour }}", known) == ["colour"]


def test_a_preview_marks_values_and_holes() -> None:
    html = render_email("", "{{ a }} {{ b }}", {"a": "<i>"}, marked=True).html
    assert html == ('<p><mark>&lt;i&gt;</mark> <mark class="hole">{{ b }}</mark></p>')


def test_the_command_prints_json(tmp_path, capsys) -> None:
    file = tmp_path / "context.json"
    file.write_text(json.dumps({"firstName": "Elena"}))
    call_command(
        "render_template",
        subject="Hi {{ first_name }}",
        body="{{ city }}",
        context=str(file),
        json=True,
    )
    assert json.loads(capsys.readouterr().out) == {
        "subject": "Hi Elena",
        "text": "",
        "html": "",
        "unresolved": ["city"],
        "error": "",
        "links": [],
    }


def test_the_command_explains_a_file_that_is_not_json(tmp_path) -> None:
    file = tmp_path / "context.json"
    file.write_text("{")
    with pytest.raises(CommandError, match="is not JSON"):
        call_command("render_template", body="x", context=str(file))
