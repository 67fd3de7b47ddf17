"""What both commands share: errors that are printed as one line, the parser, any console."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

# A word that looks like a long option, known or not; an id that begins with "--" seldom does.
LIKE_AN_OPTION = re.compile(r"--[a-z][a-z-]*(=.*)?", re.DOTALL)


class UsageError(Exception):
    """The command cannot do what you asked; one line that names the culprit and the cure."""


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, like every other error of the command."""

    takes_ids = False
    """Whether a word that begins with ``-`` and is no option is an id."""

    def error(self, message: str) -> NoReturn:
        """Print it, say how to get help, and exit with status 2."""
        one_line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {one_line} (see {self.prog} --help)\n")

    def add_version(self) -> None:
        """Add ``--version``, which prints the version of the package."""
        # The package is loaded before this module; importing it here would point upward.
        version = sys.modules["mfteach"].__version__
        self.add_argument("--version", action="version", version=f"mfteach {version}")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, but where the command ``takes_ids`` read these as such.

        A subcommand refuses what it does not know by itself: only its own help tells what it knows.
        """
        if self.takes_ids and args is not None:
            args = self._ids_last(args)
        known, unknown = super().parse_known_args(args, namespace)
        if unknown and self._subparsers is None:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown

    def _ids_last(self, words: Sequence[str]) -> list[str]:
        """The options, then ``--``, after which argparse takes no word for an option."""
        options: list[str] = []
        others: list[str] = []
        rest = iter(words)
        for word in rest:
            option = self._option(word)
            if word == "--":
                others += rest
            elif option is not None:
                options += [word, *islice(rest, _words_after(word, option))]
            elif LIKE_AN_OPTION.fullmatch(word):
                self.error(f"there is no option {word}; an id that looks like one goes after --")
            else:
                others.append(word)
        return [*options, "--", *others] if others else options

    def _option(self, word: str) -> argparse.Action | None:
        """The option that a word names, shortened or not, with its value or not."""
        known = self._option_string_actions
        name = word.partition("=")[0]
        if name in known:
            return known[name]
        if LIKE_AN_OPTION.fullmatch(name):
            return next((known[option] for option in known if option.startswith(name)), None)
        return known.get(word[:2]) if word[2:].isdecimal() else None  # -n5


def _words_after(word: str, option: argparse.Action) -> int:
    """How many of the next words are the value of an option: none of --n=5 and of -n5."""
    complete = "=" in word or (word[1] != "-" and len(word) > 2)
    return 0 if complete or option.nargs == 0 else 1


def at_least_one(text: str) -> int:
    """Read a count from the command line; no count in the course has ten digits.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is not a whole number of at least 1; the parser prints it as one line.
    """
    if not text.isdecimal() or not 1 <= int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def in_words(error: Exception) -> str:
    """What is wrong, in one line; with which file, without the number that the system gives it."""
    what = str(error)
    if isinstance(error, OSError) and error.strerror:
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(what.split())


def write_to_any_console() -> None:
    r"""Let every text be printed, whatever letters the console knows.

    A console of cp932, gbk, cp437 or ASCII gets letters without their accents, and else the
    number of the letter, such as ``\u03bb``.
    """
    codecs.register_error("mfteach.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="mfteach.plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    bare = "".join(map(_without_accent, letters))
    return bare.encode("ascii", "backslashreplace").decode("ascii"), error.end


def _without_accent(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter)
    bare = "".join(part for part in bare if not unicodedata.combining(part))
    return bare if bare.isascii() else letter


def exit_status(
    command: str,
    work: Callable[[], int],
    mistakes: tuple[type[Exception], ...] = (),
    stopped: str = "stopped",
) -> int:
    """Do the work of a command; what is wrong is said, without a traceback.

    Parameters
    ----------
    command : str
        The word or words that were typed; the line begins with them.
    work : callable
        Returns the exit status.
    mistakes : tuple of exception types
        What else counts as the user's, beside `UsageError` and whatever the system refuses; it
        may have lines of its own.
    stopped : str
        What to say after Ctrl-C.

    Returns
    -------
    int
        That of the work; 2 for a mistake; 130 after Ctrl-C; 141 if nobody reads any more, as in
        ``mfteach ... | head``.
    """
    try:
        status = work()
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _let_go_of_broken_output()
        return 141
    except (UsageError, OSError) as error:
        _let_go_of_broken_output()
        print(f"{command}: {in_words(error)}", file=sys.stderr)
        return 2
    except mistakes as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{command}: {stopped}", file=sys.stderr)
        return 130


def _let_go_of_broken_output() -> None:
    """Print what waits or, if that fails, forget it: Python would complain once more at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
