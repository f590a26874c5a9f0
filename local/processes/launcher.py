"""Becomes another program that the kernel kills when its parent ends: `launcher.py PARENT_PID PROGRAM [ARGUMENT...]`.

A program of its own, because code between fork and exec in a process with threads can deadlock; standard library only,
because it is run with nothing else importable.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

if __name__ == "__main__":
    parent_pid, *command = sys.argv[1:]
    if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit("launcher: prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != int(parent_pid):
        sys.exit("launcher: the parent ended before its child started")
    os.execvp(command[0], command)  # noqa: S606 - a list of arguments, and no shell, is what is wanted
