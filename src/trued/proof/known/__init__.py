"""The user's database of known files: what was accepted or proven before, when, and by which run."""
