"""``localenv doctor``."""

from __future__ import annotations

import json

import click

from localenv.cli.context import Context
from localenv.cli.options import output_option

__all__ = ["command"]


@click.command("doctor")
@click.option("--isolation", is_flag=True, help="Prove by connecting that environments do not reach each other (a minute).")
@output_option
@click.pass_obj
def command(context: Context, *, isolation: bool) -> int:
    """Check this machine and say how to mend what is wrong; exit 1 when something is to mend."""
    return _isolation(context) if isolation else _doctor(context)


def _doctor(context: Context) -> int:
    from localenv.cli.render import doctor as render
    from localenv.wiring import environments as wiring
    from localenv.wiring.doctor import doctor

    findings = []
    with wiring.services() as services:
        for finding in doctor(services)():
            findings.append(finding)
            if context.output != "json":
                render.show_finding(finding)
    if context.output == "json":
        click.echo(json.dumps(render.document(findings), ensure_ascii=False))
    else:
        render.show_total(findings)
    return 1 if any(finding.state == "mend" for finding in findings) else 0


def _isolation(context: Context) -> int:
    from localenv.cli.render import isolation as render
    from localenv.cli.render.progress import display
    from localenv.wiring import environments as wiring
    from localenv.wiring.isolation import isolation

    with display(context.output, several=True) as progress, wiring.services(progress) as services:
        report = isolation(services)
    if context.output == "json":
        click.echo(json.dumps(render.document(report), ensure_ascii=False))
    else:
        render.show_report(report)
    return 0 if report.holds else 1
