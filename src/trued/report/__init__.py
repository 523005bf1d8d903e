"""Told: for people, for machines, and each finding's page."""
