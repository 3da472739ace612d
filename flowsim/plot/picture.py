"""A figure that shows itself in a notebook."""

from __future__ import annotations

import io
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from flowsim.plot.saving import TEXT_AS_TEXT

SCREEN_DPI = 100


class Picture(Figure):
    """A figure of matplotlib that a notebook shows without being told to."""

    def _repr_png_(self) -> bytes:
        return self._as("png", dpi=SCREEN_DPI)

    def to_svg(self) -> str:
        """Return the picture as SVG, its words as text; the same each time."""
        return self._as("svg", metadata={"Date": None}).decode()

    def _as(self, form: str, **how: Any) -> bytes:
        file = io.BytesIO()
        with rc_context({**TEXT_AS_TEXT, "svg.hashsalt": "flowsim"}):
            self.savefig(file, format=form, **how)
        return file.getvalue()
