"""The words every station shares: digests, distributions, evidence, findings, verdicts, limits. No I/O."""
