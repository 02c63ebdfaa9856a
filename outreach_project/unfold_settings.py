"""How Unfold draws the admin: our colours, our icon, our navigation."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Outreach Desk",
    "SITE_HEADER": "Outreach Desk",
    "SITE_SYMBOL": "link",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "outreach_project.backstage.favicon"}
    ],
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "7px",
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "outreach_project.backstage.navigation",
    },
    "COLORS": {
        "base": {
            "50": "oklch(98.2% .003 265)",
            "100": "oklch(96.8% .004 265)",
            "200": "oklch(92.6% .005 265)",
            "300": "oklch(87.5% .008 265)",
            "400": "oklch(66.5% .013 265)",
            "500": "oklch(51% .016 265)",
            "600": "oklch(42% .016 265)",
            "700": "oklch(32.5% .013 265)",
            "800": "oklch(26% .011 265)",
            "900": "oklch(19% .009 265)",
            "950": "oklch(15.5% .008 265)",
        },
        "primary": {
            "50": "oklch(97% .015 268)",
            "100": "oklch(94% .03 268)",
            "200": "oklch(88% .06 268)",
            "300": "oklch(80% .1 268)",
            "400": "oklch(71% .145 268)",
            "500": "oklch(60% .19 268)",
            "600": "oklch(51.5% .2 268)",
            "700": "oklch(46.5% .195 268)",
            "800": "oklch(40% .17 268)",
            "900": "oklch(34% .14 268)",
            "950": "oklch(26% .1 268)",
        },
    },
}
