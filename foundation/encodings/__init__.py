"""Which encoding a file of text was written in."""

from foundation.encodings.detection import Encoding, detect_encoding

__all__ = ["Encoding", "detect_encoding"]
