"""Starts one command at a time and measures it; run as ``python -I -S -E``, asked over stdin.

A process of its own, because Linux counts the memory of the process that starts a program into that
program's peak (``exec`` keeps the high-water mark): started from here the floor is about 9 MB, less than any
of the tools takes. Requests and answers are marshalled tuples, so that nothing needs to be imported.
"""

import marshal
import os
import sys
import time


def serve() -> None:
    """Answer each (argv, environment, output path) with the process id, then with its measurements."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            command, environment, output = marshal.load(requests)
        except EOFError:
            return
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        begin = time.perf_counter()
        process = os.posix_spawn(command[0], command, environment, file_actions=actions, setpgroup=0)
        marshal.dump(process, answers)
        answers.flush()
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - begin
        peak = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
        code = os.waitstatus_to_exitcode(status)
        marshal.dump((code, seconds, usage.ru_utime, usage.ru_stime, peak), answers)
        answers.flush()


if __name__ == "__main__":
    serve()
