"""The one edge: the only place that tells an error and chooses an exit code."""

from __future__ import annotations

import errno
import gc
import json
import signal
import sys
from collections.abc import Sequence

import click

from localenv.errors import LocalenvError

__all__ = ["main", "run"]

EXPECTED, USAGE, BUG, INTERRUPTED = 1, 2, 3, 130
_OF_THE_MACHINE = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EROFS: "not-writable",
    errno.EACCES: "not-permitted",
    errno.EPERM: "not-permitted",
    errno.EMFILE: "too-many-files",
    errno.ENFILE: "too-many-files",
}
"""What the operating system refuses and a person can mend: no bug, wherever it is met."""


_OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""Far above Python's own 700: importing makes objects by the ten thousand and garbage of none of them."""


def run() -> None:
    """Entry of the ``localenv`` command. A further ^C, when the command has ended already, changes nothing any more."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # or Python looks for garbage in all of it before it ends
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 expected failure, 2 usage, 3 bug, 130 interrupted."""
    wants_json = _wants_json(arguments)
    try:
        from localenv.cli.main import cli

        result = cli.main(list(arguments), prog_name="localenv", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (LocalenvError, click.ClickException, click.Abort, KeyboardInterrupt, BrokenPipeError) as error:
        return _tell_expected(error, wants_json=wants_json)
    except Exception as error:  # noqa: BLE001 - the edge: whatever it is, it is a bug and is saved
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            return _tell(_refused_by_the_machine(error), wants_json=wants_json)
        return _tell_bug(error, arguments, wants_json=wants_json)
    return result if isinstance(result, int) else 0


def _tell_expected(error: BaseException, *, wants_json: bool) -> int:
    match error:
        case LocalenvError():
            return _tell(error, wants_json=wants_json)
        case click.UsageError():
            return _tell_usage(error, wants_json=wants_json)
        case click.ClickException():
            return _tell(LocalenvError(error.format_message(), code="failed"), wants_json=wants_json)
        case BrokenPipeError():
            _silence_stdout()
            return EXPECTED
        case _:
            return _tell_interrupted(wants_json=wants_json)


def _tell(error: LocalenvError, *, wants_json: bool) -> int:
    from localenv.cli.render import errors

    if wants_json:
        click.echo(json.dumps(errors.document(error), ensure_ascii=False))
    else:
        click.echo(errors.text(error), err=True)
    return error.exit_code


def _refused_by_the_machine(error: OSError) -> LocalenvError:
    code = _OF_THE_MACHINE[error.errno or 0]
    where = error.filename if isinstance(error.filename, str) else None
    hint = f"{'make room on the disk' if code == 'disk-full' else 'mend that'} and run the same command again"
    return LocalenvError(f"the operating system refused: {error.strerror}", where=where, hints=(hint,), code=code)


def _tell_usage(error: click.UsageError, *, wants_json: bool) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # click 8.2 and later; earlier ones print the help themselves
        click.echo(error.format_message())
        return USAGE
    if wants_json:
        document = {
            "schema": "localenv.error/1",
            "code": "usage",
            "message": error.format_message(),
            "where": None,
            "hint": _help_of(error),
            "exit_code": USAGE,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(f"error: {error.format_message()}\n  see: {_help_of(error)}", err=True)
    return USAGE


def _tell_interrupted(*, wants_json: bool) -> int:
    hint = "run the same command again to finish, or localenv destroy to remove"
    if wants_json:
        document = {
            "schema": "localenv.error/1",
            "code": "interrupted",
            "message": "interrupted",
            "where": None,
            "hint": hint,
            "exit_code": INTERRUPTED,
        }
        click.echo(json.dumps(document))
    else:
        click.echo(f"interrupted: {hint}", err=True)
    return INTERRUPTED


def _help_of(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "localenv"
    return f"{path} --help"


def _tell_bug(error: Exception, arguments: Sequence[str], *, wants_json: bool) -> int:
    from localenv.wiring import crash

    path = crash.save(error, arguments)
    message = f"this is a bug in localenv: {type(error).__name__}: {error}"
    if wants_json:
        document = {
            "schema": "localenv.error/1",
            "code": "bug",
            "message": message,
            "where": path,
            "hint": "report it with that file",
            "exit_code": BUG,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(f"error: {message}\n  its traceback is in {path}: please report it with that file", err=True)
    return BUG


def _wants_json(arguments: Sequence[str]) -> bool:
    before_command = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    pairs = zip(before_command, [*before_command[1:], ""], strict=False)
    return any(word in {"--output=json", "-ojson"} or (word in {"--output", "-o"} and after == "json") for word, after in pairs)


def _silence_stdout() -> None:
    sys.stderr.close()
    try:
        sys.stdout.close()
    except BrokenPipeError:
        return
