import re

import pytest
from django import forms
from django.template.loader import render_to_string


class Sample(forms.Form):
    name = forms.CharField(help_text="As on the invoice.")
    note = forms.CharField(widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(choices=[("a", "A")])
    mode = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agree = forms.BooleanField(required=False)
    when = forms.SplitDateTimeField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)
    own = forms.CharField(widget=forms.TextInput(attrs={"class": "mono"}), required=False)

    def clean(self):
        raise forms.ValidationError("Nothing fits <together>.")


@pytest.fixture
def html() -> str:
    return render_to_string("components/_form.html", {"form": Sample({"name": ""})})


def tag(html: str, name: str) -> str:
    (found,) = re.findall(rf'<(?:input|textarea|select)[^>]*name="{name}"[^>]*>', html)[:1]
    return found


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("name", "input"),
        ("note", "textarea"),
        ("kind", "select"),
        ("mode", "check"),
        ("agree", "check"),
        ("when_0", "input"),
        ("own", "mono input"),
    ],
)
def test_renderer_gives_widgets_their_class(html, field, name):
    assert f'class="{name}"' in tag(html, field)


def test_renderer_leaves_hidden_widgets_plain(html):
    assert "class" not in tag(html, "secret")


def test_field_with_an_error_names_what_describes_it(html):
    wrong = tag(html, "name")

    assert 'aria-invalid="true"' in wrong
    assert 'aria-describedby="id_name_helptext id_name_error"' in wrong
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_field_of_choices_is_a_fieldset_with_a_legend(html):
    assert re.search(r"<fieldset[^>]*>\s*<legend[^>]*>Mode", html)


def test_form_errors_are_shown_escaped_and_announced(html):
    assert "Nothing fits &lt;together&gt;." in html
    assert 'role="alert"' in html


def test_form_printed_directly_looks_the_same(html):
    assert str(Sample({"name": ""})).split() == html.split()
