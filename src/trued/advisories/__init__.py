"""What is known against a release: OSV records, matched exactly, from a local database or a service."""
