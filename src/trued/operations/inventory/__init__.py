"""What an environment or a lock holds, gathered from receipts, metadata and locks."""
