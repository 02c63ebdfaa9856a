"""How much one import may ask of the machine."""

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELL = 32_767  # Excel's own limit of one cell
MAX_LINE = 1_000_000
MAX_RECORD_LINES = 50


class UnreadableFileError(Exception):
    """The file as a whole cannot be imported; the message says why and what to do."""
