"""What is known about a file's origin: each checker turns bytes and claims into evidence."""
