"""Tells who fetched a picture or link: a person, or a program on its own account.

`programs` knows the programs by name, `networks` where they live, `stories` reads all
fetches of one message together. Nothing here asks the network, the clock or the tables.
"""

from mailer.fetchers.networks import is_data_centre, network_of
from mailer.fetchers.stories import Fetch, Verdict, tell_apart

__all__ = ["Fetch", "Verdict", "is_data_centre", "network_of", "tell_apart"]
