"""May it pass: evidence and findings in, a verdict out. No I/O."""
