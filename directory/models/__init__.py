"""Tables of the directory app."""

from directory.models.backlink import Backlink, BacklinkEvent
from directory.models.check import BacklinkCheck
from directory.models.directory import Directory, DirectoryStep
from directory.models.gap import GapDomain, GapFile, GapRun
from directory.models.matching import MatchingPreference, MatchRun

__all__ = [
    "Backlink",
    "BacklinkCheck",
    "BacklinkEvent",
    "Directory",
    "DirectoryStep",
    "GapDomain",
    "GapFile",
    "GapRun",
    "MatchRun",
    "MatchingPreference",
]
