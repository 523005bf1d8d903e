"""Bytes in hand: the Simple API, find-links, direct URLs, and the transport under them."""
