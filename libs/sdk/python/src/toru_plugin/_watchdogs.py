"""The end of a process, also where its loop or its threads are stuck."""

from __future__ import annotations

import os
import select
import sys
import threading
from typing import NoReturn

#: How long a loop that is stuck in a handler may outlive its host.
STUCK_SECONDS = 5.0


def watch_for_hangup(descriptor: int) -> None:
    """
    Ends the process a while after the connection is gone, even if the loop is stuck in a handler that never returns.
    """
    if descriptor < 0 or not hasattr(select, "poll"):
        return
    watched = os.dup(descriptor)

    def watch() -> None:
        poll = select.poll()
        poll.register(watched, 0)  # errors and hang-ups are always reported
        poll.poll()
        threading.Event().wait(STUCK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="toru-hangup", daemon=True).start()


def end_process(status: int) -> NoReturn:
    """Ends as Python does, unless a thread of some handler would hold it up."""

    def give_up() -> None:
        threading.Event().wait(1.0)
        os._exit(status)

    threading.Thread(target=give_up, name="toru-exit", daemon=True).start()
    sys.exit(status)
