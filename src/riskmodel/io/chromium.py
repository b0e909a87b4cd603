"""Pictures of pages, taken by a headless Chromium that is already installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from riskmodel.errors import InputError

__all__ = ["take_picture"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--virtual-time-budget=3000",
)  # fmt: skip
_SECONDS = 120


def take_picture(page: Path, out: Path, *, width: int, height: int) -> None:
    """Write a PNG of the upper part of a page.

    Parameters
    ----------
    page : Path
        HTML file.
    out : Path
        PNG file to write.
    width, height : int
        Size of the window, in pixels.

    Raises
    ------
    InputError
        If there is no browser, or it made no picture.
    """
    browser = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if browser is None:
        msg = "Pictures of pages need Chromium, which is not installed; run make chromium."
        raise InputError(msg)
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser, *_OPTIONS, f"--user-data-dir={profile}", f"--window-size={width},{height}",
            f"--screenshot={out.resolve()}", page.resolve().as_uri(),
        ]  # fmt: skip
        # The command holds no shell text: a browser, fixed options and files of our own.
        subprocess.run(command, check=False, capture_output=True, timeout=_SECONDS)  # noqa: S603
    if not out.is_file():
        msg = f"Chromium made no picture of {page.name}; open the page by hand to see why."
        raise InputError(msg)
