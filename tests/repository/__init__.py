"""The operator's side of an index."""
