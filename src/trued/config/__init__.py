"""Settings from flags, environment, trued's and pip's files, and where each came from."""
