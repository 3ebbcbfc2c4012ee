from __future__ import annotations

import io
import threading

from rich.console import Console

from localenv.cli.render.progress import _Live
from localenv.ports.progress import Message


def test_a_line_is_printed_while_the_screen_is_being_drawn() -> None:
    """The thread that draws holds rich's lock and asks for ours; a line that is printed under ours waits for rich's."""
    shown = _Live(several=False)
    screen = io.StringIO()
    shown._console = Console(file=screen, force_terminal=True, force_interactive=True, width=80)
    drawing, waited = threading.Event(), threading.Event()

    def draw() -> None:
        assert shown._live is not None
        with shown._live._lock:
            drawing.set()
            waited.wait(0.5)
            shown._render()

    def tell() -> None:
        drawing.wait(5)
        shown.emit(Message(stage="resolve", text="compose.yaml", seconds=0.1))

    with shown:
        threads = [threading.Thread(target=work, daemon=True) for work in (draw, tell)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in threads), "each waits for the other"
    assert "compose.yaml" in screen.getvalue()
