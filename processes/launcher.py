"""Becomes another program, to which the kernel sends a signal when its parent ends.

`launcher.py PARENT_PID SIGNAL PROGRAM [ARGUMENT...]`; the signal is `KILL` for the children of a stack, and `TERM` for
the commands of the Makefile, which shut down cleanly. It is a separate program because code between fork and exec can
deadlock in a process with threads. It uses only the standard library because nothing else is importable when it runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

if __name__ == "__main__":
    parent_pid, signal_name, *command = sys.argv[1:]
    if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.Signals[f"SIG{signal_name}"]) != 0:
        sys.exit("launcher: prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != int(parent_pid):
        sys.exit("launcher: the parent ended before its child started")
    os.execvp(command[0], command)  # noqa: S606 - a list of arguments, and no shell, is what is wanted
