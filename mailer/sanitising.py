"""Somebody else's HTML made harmless to show: no script, no form, nothing loaded."""

import nh3

_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_SILENT = {"script", "style", "head", "title", "template", "noscript", "textarea", "svg", "math"}


def sanitise(html: str) -> str:
    """Return HTML of plain text tags and links only; pictures, styles and forms are gone."""
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_SILENT,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
