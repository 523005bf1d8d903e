"""What is asked: requirement files, names and files on the command line, constraints."""
