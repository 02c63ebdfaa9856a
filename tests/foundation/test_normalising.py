"""The short cut for plain addresses gives what the long way gives."""

from django.core.exceptions import ValidationError
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation.addresses import normalise_address


def the_long_way(value):
    try:
        found = validate_email(value.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def our_way(value):
    try:
        return normalise_address(value)
    except ValidationError:
        return None


@settings(deadline=None)
@given(
    st.from_regex(
        r"[a-zA-Z0-9.+_-]{1,12}@([a-z0-9-]{1,8}\.){1,3}(com|de|zz|example|test|c|local|onion)",
        fullmatch=True,
    )
)
@example(f"ann@{'a' * 40}-{'b' * 40}.com")
@example(f"{'a' * 65}@site.com")
@example("ann@xn--bcher-kva.de")
@example("ann..b@site.de")
@example("ann@-site.de")
def test_plain_addresses_are_normalised_as_the_validator_would(value):
    assert our_way(value) == the_long_way(value)
