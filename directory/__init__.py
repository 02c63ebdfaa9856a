"""The backlink register, platform-wide directories and competitor gaps."""
