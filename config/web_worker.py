"""A worker of the web server: it ends when its server is killed, so that none answers beside the new ones."""

import ctypes
import multiprocessing
import os
import signal

from config.wsgi import application

__all__ = ["application"]

PR_SET_PDEATHSIG = 1  # prctl(2), Linux

if server := multiprocessing.parent_process():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if not server.is_alive():  # it was gone before this was asked for
        os.kill(os.getpid(), signal.SIGTERM)
