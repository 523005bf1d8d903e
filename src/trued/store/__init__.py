"""Kept: verified wheels, unpacked once, content-addressed and sealed."""
