"""What an evaluation looks like: a page and its pictures, in a folder."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from emojify import files
from emojify.errors import EmojifyError, EnvironmentFault
from emojify.files import exists, followed, umask, writing

if TYPE_CHECKING:
    from emojify.report.results import Results

PAGE = "index.html"
_FIGURES = ("scores", "confusion", "calibration", "coverage", "learning")


def require_room(folder: Path, overwrite: bool) -> None:
    """Find out whether a report can be written, before the work that it is about.

    Raises:
        EmojifyError: there is something else than an empty folder or an earlier report, and
            ``overwrite`` is false; or it is no folder.
        EnvironmentFault: matplotlib is missing, or nothing can be written there.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise EnvironmentFault(
            "found no matplotlib; expected it for the figures of a report; install it with "
            "pip install 'emojify-rnn[plot]'"
        ) from None
    if exists(folder):
        if not folder.is_dir():
            raise EmojifyError(
                "found a file; expected a folder for the report; name another", folder
            )
        with writing(folder):
            is_free = _is_report(folder) or not any(folder.iterdir())
        if not is_free and not overwrite:
            raise EmojifyError(
                "found a folder with other files in it; nothing was written; use -f to write the "
                "report among them or name another",
                folder,
            )
    with writing(folder):
        _made_beside(folder).rmdir()


def write(results: Results, folder: Path) -> None:
    """Draw a report and write it: a page, and its figures as PNG.

    A new folder appears when it is whole. In a folder that exists every file is replaced when the
    new one is whole, and figures of an earlier report that this one does not have are removed.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    from emojify.report import figures
    from emojify.report.page import page

    names = [name for name in _FIGURES if name != "learning" or results.history]
    drawn = {
        name: {theme: figures.draw(name, results, theme) for theme in ("light", "dark")}
        for name in names
    }
    content = {f"{name}.png": drawn[name]["light"] for name in names}
    content[PAGE] = page(results, drawn).encode()
    if exists(folder) and any(folder.iterdir()):
        for name, data in content.items():
            files.replace(folder / name, data)
        for name in _FIGURES:
            if name not in names:
                (folder / f"{name}.png").unlink(missing_ok=True)
        return
    with writing(folder):
        beside = _made_beside(folder)
        try:
            for name, data in content.items():
                files.replace(beside / name, data)
            with suppress(FileNotFoundError):
                followed(folder).rmdir()  # an empty one
            beside.rename(followed(folder))
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise


def _is_report(folder: Path) -> bool:
    from emojify.report.page import MARK

    page = folder / PAGE
    return page.is_file() and MARK.encode() in page.read_bytes()[:1000]


def _made_beside(folder: Path) -> Path:
    target = followed(folder).absolute()
    beside = Path(
        tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".emojify-part", dir=target.parent)
    )
    beside.chmod(0o777 & ~umask())
    return beside
