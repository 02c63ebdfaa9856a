"""How much one import may ask of the machine."""

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELL = 32_767  # Excel's own limit of one cell
MAX_LINE = 1_000_000
MAX_RECORD_LINES = 50
# What a workbook's parts may unpack to, and how much smaller it may be packed.
MAX_WORKBOOK = 400 * 1024 * 1024
MAX_WORKBOOK_RATIO = 120
WORKBOOK_MEMORY = 400 * 1024 * 1024
WORKBOOK_SECONDS = 60


class UnreadableFileError(Exception):
    """The file as a whole cannot be imported; the message says why and what to do."""
