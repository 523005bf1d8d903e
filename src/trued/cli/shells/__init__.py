"""What completes a command line: the option tables told to bash, zsh and fish."""
