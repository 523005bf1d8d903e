"""One self-contained page for people, made of what an environment or a lock holds."""
