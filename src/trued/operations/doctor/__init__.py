"""Looking for what would keep trued from working: one module for each family of checks."""
