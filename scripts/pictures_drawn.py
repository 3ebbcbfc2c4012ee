"""Each picture of docs/pictures as SVG: made-up environments, shown and planned by the product's own code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from localenv.cli.render.listing import environments_table
from localenv.cli.render.plans import plan_text
from scripts.pictures_samples import ENVIRONMENTS, MEMORY, sample_plan

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
_THEME = TerminalTheme(
    (24, 27, 33),
    (208, 213, 222),
    [
        (24, 27, 33),
        (229, 100, 102),
        (126, 200, 130),
        (226, 184, 92),
        (97, 160, 255),
        (198, 132, 222),
        (86, 190, 200),
        (208, 213, 222),
    ],
)
# Without the fonts that rich's own frame loads from a content network: a picture in a README may load nothing.
_FRAME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px; \
line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def pictures() -> dict[str, str]:
    """Every picture by its file's name."""
    table = Padding(environments_table(ENVIRONMENTS, MEMORY, NOW, with_project=False), (0, 0, 0, 2), expand=False)
    plan = Text(plan_text([sample_plan()]))
    return {
        "ls.svg": _drawn("ls", ["localenv ls", table], width=132),
        "plan.svg": _drawn("plan", ["localenv up staging --dry-run", plan], width=104),
    }


def _drawn(name: str, parts: Sequence[object], *, width: int) -> str:
    screen = Console(
        record=True,
        width=width,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        legacy_windows=False,
    )
    for part in parts:
        if isinstance(part, str):
            screen.print(Text.assemble(("$ ", "dim"), (part, "bold")), "\n", end="")
        else:
            screen.print(part)
    drawing = screen.export_svg(title=f"localenv {name}", theme=_THEME, code_format=_FRAME, unique_id=f"localenv-{name}")
    return "\n".join(line.rstrip() for line in drawing.splitlines()) + "\n"
