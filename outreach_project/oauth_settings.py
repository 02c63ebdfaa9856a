"""Where mailboxes can be signed in: Google and Microsoft, or a stand-in.

The id and secret are those this installation is registered under there, with
`SITE_URL/oauth/<provider>/callback/` as redirect address.
"""

from typing import Any

_GOOGLE = {
    "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
    "token_url": "https://oauth2.googleapis.com/token",
    "revoke_url": "https://oauth2.googleapis.com/revoke",
}
# Microsoft has no endpoint to revoke a consent: its owner removes it in their account.
_MICROSOFT = {
    "authorize_url": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    "token_url": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    "revoke_url": "",
}


def oauth_settings(env: Any) -> dict[str, dict[str, str]]:
    """Return MAIL_OAUTH: each provider's registration and endpoints, from the environment."""
    usual = {"google": _GOOGLE, "microsoft": _MICROSOFT}
    nothing = {"client_id": "", "client_secret": ""}
    return {
        key: {
            name: env.str(f"{key}_{name}".upper(), default=value)
            for name, value in (nothing | endpoints).items()
        }
        for key, endpoints in usual.items()
    }
