"""Run inside an environment: calls a neighbour by its service's name until the file /tmp/enough is there.

One caller opens a connection for each request, the other keeps one. Prints what they met as JSON.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACE = 0.002
Ask = Callable[[http.client.HTTPConnection], str]


def answer(connection: http.client.HTTPConnection) -> str:
    connection.request("GET", "/")
    response = connection.getresponse()
    body = response.read().decode()
    if response.status != 200:
        raise OSError(f"status {response.status}")
    return body


def call(seen: dict[str, Any], *, keep: bool) -> None:
    """Ask again and again."""
    connection = http.client.HTTPConnection("web", 80, timeout=10)
    while not Path("/tmp/enough").exists():
        seen["count"] += 1
        try:
            seen["last"] = answer(connection)
        except (OSError, http.client.HTTPException) as error:
            seen["failed"].append(repr(error))
            connection.close()
        if not keep:
            connection.close()
        time.sleep(PACE)


def main() -> None:
    found: dict[str, dict[str, Any]] = {name: {"count": 0, "failed": [], "last": ""} for name in ("new", "kept")}
    callers = [threading.Thread(target=call, args=(seen,), kwargs={"keep": name == "kept"}) for name, seen in found.items()]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
