"""Times trued, uv and pip in turn over real wheels from an index on this machine."""
