"""Becomes another program that the kernel sends a signal when its parent ends.

`launcher.py PARENT_PID SIGNAL PROGRAM [ARGUMENT...]`; the signal is `KILL` for the children of a stack, and `TERM` for
the commands of the Makefile, which end in order. A program of its own, because code between fork and exec in a process
with threads can deadlock; standard library only, because it is run with nothing else importable.
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
