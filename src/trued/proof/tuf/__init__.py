"""Signed indexes: The Update Framework (specification 1.0) for clients, with python-tuf's workflow inside."""
