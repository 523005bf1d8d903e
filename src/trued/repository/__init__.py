"""The operator's side of an index: its pages and files, its signed metadata, the keys and their ceremony."""
