"""Where the program starts: the window, the engine process, or one command. Nothing heavy is imported before needed."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from qtmail.commands.line import Invocation
    from qtmail.commands.table import Command
    from qtmail.paths import Profile

DEMO_SERVER = "--demo-server"
"""How a bundle, which has no `python -m`, starts qtmail.demo (see demo.process)."""
INTERRUPTED = 130
"""The exit code that shells know from Ctrl+C; `commands.table.Exit` may not be loaded yet."""
PREPARE = "--prepare"
"""The same for qtmail.engine.preparing_process."""
EXTRACT = "--extract"
"""The same for qtmail.engine.extracting_process."""
CLASHES = "--clashes"
"""The same for qtmail.engine.clashing_process."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (those of the process by default). -> its exit code."""
    try:
        _open_streams()
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):  # nobody reads it any more; the exit code tells
            print("qtmail: Interrupted. What was done so far is kept.", file=sys.stderr, flush=True)
        return INTERRUPTED


def _run(given: list[str]) -> int:
    from qtmail.commands.line import parse
    from qtmail.commands.output import say
    from qtmail.commands.table import Exit
    from qtmail.errors import MailError

    try:
        if given[:1] == [DEMO_SERVER]:
            return _demo_server()
        if given[:1] == [PREPARE]:
            return _prepare(given[1])
        if given[:1] == [EXTRACT]:
            return _extract()
        if given[:1] == [CLASHES]:
            return _clashes()
        invocation = parse(given)
        if invocation.command is not None:
            assert invocation.options is not None
            return _command(invocation.profile, invocation.command, invocation.options)
        return _process(invocation)
    except MailError as error:
        say(f"qtmail: {error.sentence()}")
        return Exit.FAILED
    except BrokenPipeError:
        _forget_stdout()
        return Exit.DONE
    except OSError as error:
        say(f"qtmail: {error.strerror or error}{f': {error.filename}' if error.filename else ''}.")
        return Exit.FAILED


def _open_streams() -> None:
    """A standard stream that is closed (qtmail list >&-, a program without a console) reads and writes nothing; and no
    file of ours gets its number, where a library that prints would write into it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _command(profile: "Profile", command: "Command", options: "argparse.Namespace") -> int:
    from qtmail.commands.context import Context

    if not command.looks_only:
        from qtmail import log
        from qtmail.net import contacts

        log.configure(profile.create(), name="command")
        contacts.keep_in(profile.network)
    _open_secrets(profile, watched=getattr(options, "watched", False))
    context = Context(profile)
    try:
        code = command.module().run(context, options)
        sys.stdout.flush()
    finally:
        context.close()
    return code


def _open_secrets(profile: "Profile", *, watched: bool) -> None:
    """Where the vault is, and who opens it: the window that started us, by a first line on stdin, or somebody at a
    terminal when it is needed."""
    if not watched and not profile.vault.exists():
        return
    from qtmail import secrets

    secrets.use_vault(profile.vault)
    if watched:
        line = bytearray()
        while (octet := os.read(sys.stdin.fileno(), 1)) not in (b"", b"\n"):
            line += octet
        secrets.take_over(line.decode("utf-8", "replace"))
    elif sys.stdin.isatty() and sys.stderr.isatty():
        import getpass

        secrets.ask_passphrase(lambda: getpass.getpass("Passphrase of the vault: ", sys.stderr))


def _process(invocation: "Invocation") -> int:
    """The window, or the engine process behind one."""
    if invocation.engine:
        from qtmail.background import engine_process

        return engine_process.run(invocation.profile)
    from qtmail import app

    return app.run(invocation.profile, app.Options(invocation.demo, invocation.tour, invocation.opens))


def _demo_server() -> int:
    from qtmail.demo.__main__ import main as serve

    return serve()


def _prepare(content: str) -> int:
    from qtmail.engine import preparing_process

    return preparing_process.main(content)


def _extract() -> int:
    from qtmail.engine import extracting_process

    return extracting_process.main()


def _clashes() -> int:
    from qtmail.engine import clashing_process

    return clashing_process.main()


def _forget_stdout() -> None:
    """Keep the interpreter from complaining at exit that nobody reads (qtmail list | head)."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
