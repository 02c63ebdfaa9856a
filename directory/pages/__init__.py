"""Reading a fetched page for one link: pure functions, no ORM, no network."""
