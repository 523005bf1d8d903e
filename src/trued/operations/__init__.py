"""The verbs of the library: what a command does, told with the stations' words and no printing."""
