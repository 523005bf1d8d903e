"""The lock as data, the formats it is read from and written to, and what is chosen from it for one target."""
