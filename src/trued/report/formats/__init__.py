"""What one audit found, in the formats that other programs read: pure functions, a module each."""
