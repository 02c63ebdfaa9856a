"""How every form of the product is drawn, so that no form says it itself."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

_PLAIN = "django/forms/widgets/"
_CLASSES = {
    "textarea": "textarea",
    "select": "select",
    "checkbox": "check",
    "radio": "check",
    "hidden": "",
}


class Renderer(TemplatesSetting):
    """Draws forms and fields with our components, and gives Django's widgets their class.

    Widgets with templates of their own (the admin's) are left alone.
    """

    form_template_name = "components/_form.html"
    field_template_name = "components/_field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Render a widget, form or field."""
        widget = context.get("widget")
        if widget and template_name.startswith(_PLAIN):
            _dress(widget, template_name)
        return super().render(template_name, context, request)


def _dress(widget: dict[str, Any], template_name: str) -> None:
    """Add the class of the widget, and of each choice or part it is made of."""
    name = template_name.removeprefix(_PLAIN).removesuffix(".html")
    kind = name if name in _CLASSES else widget.get("type") or "input"
    if widget["attrs"].get("rows") == "10":  # Django's own idea; ours is in the style sheet
        del widget["attrs"]["rows"]
    if kind == "select" or "optgroups" not in widget:
        _add_class(widget["attrs"], _CLASSES.get(kind, "input"))
    else:
        for _, options, _ in widget["optgroups"]:
            for option in options:
                _add_class(option["attrs"], "check")
    for part in widget.get("subwidgets", ()):
        _dress(part, part["template_name"])


def _add_class(attrs: dict[str, Any], name: str) -> None:
    if name and name not in attrs.get("class", "").split():
        attrs["class"] = f"{attrs.get('class', '')} {name}".strip()
