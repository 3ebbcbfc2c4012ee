"""``python -m bench``: measure, print a table, keep the figures as JSON."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import FIGURES, Bench
from bench.measure import Figure
from tests.e2e.scenario import installation

RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"which: {', '.join(FIGURES)} (default: all)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each short measurement; the median counts")
    parser.add_argument("--most", type=int, default=100, help="how many environments at once")
    parser.add_argument("--most-data", type=int, default=5000, metavar="MB", help="how much data at most")
    arguments = parser.parse_args()
    if unknown := set(arguments.figures) - set(FIGURES):
        parser.error(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="localenv-bench-") as place:
        for own in installation(Path(place) / "home", "10.233.0.0/16"):
            bench = Bench(own, Path(place) / "projects", runs=arguments.runs, most=arguments.most, most_data=arguments.most_data)
            bench.directory.mkdir()
            for name in arguments.figures or FIGURES:
                for figure in FIGURES[name](bench):
                    figures.append(figure)
                    print(_line(figure), flush=True)
    if not arguments.figures:
        RESULTS.write_text(json.dumps(_document(figures), indent=2) + "\n")
    return 0


def _line(figure: Figure) -> str:
    against = f"{figure.ours / figure.rival:5.2f}x of {figure.rival:.2f} s {figure.rival_name}" if figure.rival else ""
    mark = "reached" if figure.reached else "MISSED "
    note = f"\n{'':46}{figure.note}" if figure.note else ""
    return f"{figure.name:<46}{figure.ours:7.2f} {figure.unit:<2} goal {figure.goal:<5} {mark}  {against}{note}"


def _document(figures: list[Figure]) -> dict[str, object]:
    engine = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=True)
    return {
        "schema": "localenv.bench/1",
        "measured": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "engine": engine.stdout.strip(),
        "python": platform.python_version(),
        "figures": [
            {
                "name": figure.name,
                "unit": figure.unit,
                "seconds" if figure.unit == "s" else "value": round(figure.ours, 4),
                "rival": figure.rival_name or None,
                "rival_seconds": round(figure.rival, 4) if figure.rival else None,
                "goal": figure.goal,
                "measured": round(figure.measured, 4),
                "reached": figure.reached,
                "note": figure.note or None,
            }
            for figure in figures
        ],
    }


raise SystemExit(main())
