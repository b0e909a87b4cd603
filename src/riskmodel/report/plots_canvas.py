"""A calm canvas for statistical plots; the same figures give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "Canvas", "open_canvas"]

COLOURS: Final[dict[str, str]] = {
    "model": "#1d5670",
    "challenger": "#a4451d",
    "simplest": "#6b4a00",
    "all": "#4d5866",
    "quiet": "#4d5866",
    "band": "#9db9c6",
    "rule": "#d5d8d4",
    "ink": "#1c2430",
}
_STYLE: Final[Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLOURS["quiet"],
    "axes.labelcolor": COLOURS["ink"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": COLOURS["rule"],
    "grid.linewidth": 0.6,
    "xtick.color": COLOURS["quiet"],
    "ytick.color": COLOURS["quiet"],
    "text.color": COLOURS["ink"],
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "text.usetex": False,
    "text.parse_math": False,
    "path.simplify": False,
}
_DPI = 110


@dataclass(slots=True)
class Canvas:
    """A figure being drawn.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure; it belongs to no window.
    axes : Axes or array of Axes
        Its axes.
    png : bytes
        The picture once the canvas is closed.
    """

    figure: Figure
    axes: Any
    png: bytes = b""

    @property
    def main(self) -> Axes:
        """The only, or the uppermost, axes."""
        return self.axes if not hasattr(self.axes, "__len__") else self.axes[0]  # type: ignore[no-any-return]


@contextmanager
def open_canvas(
    width: float = 6.4, height: float = 4.0, *, heights: tuple[float, ...] = (1.0,)
) -> Iterator[Canvas]:
    """Yield a canvas and fill in its PNG on leaving.

    Parameters
    ----------
    width, height : float
        Inches.
    heights : tuple of float
        Relative heights of axes stacked on one horizontal axis.
    """
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(
            len(heights), 1, sharex=len(heights) > 1, height_ratios=list(heights)
        )
        canvas = Canvas(figure, axes)
        yield canvas
        buffer = io.BytesIO()
        # Without the name of the program the bytes do not change with its version.
        figure.savefig(buffer, format="png", metadata={"Software": None})
        canvas.png = buffer.getvalue()
