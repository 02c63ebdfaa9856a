"""From a Liquid template and one lead's values to one e-mail, or the reasons why not.

Liquid runs in a small room: no includes, no files, no Python objects, a short list of
tags and filters, bounds on loops, output and time. A value is never read as template,
markup or header; a value that is missing is a hole, and an e-mail with a hole is held.
"""

from campaigns.templating.context import VARIABLES, Variable, lead_context
from campaigns.templating.rendering import (
    Rendered,
    render_email,
    syntax_error,
    unknown_variables,
    variables,
)

__all__ = [
    "VARIABLES",
    "Rendered",
    "Variable",
    "lead_context",
    "render_email",
    "syntax_error",
    "unknown_variables",
    "variables",
]
