"""The words that every station shares."""
