"""Fuzzing of everything that reads foreign bytes: ``python -m fuzzing``."""
