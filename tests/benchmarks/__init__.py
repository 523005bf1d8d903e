"""Tests of the benchmark harness: its arithmetic, its pages, its report."""
