"""What a picture shows, as numbers: lines, bars, areas and words of a panel."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection, LineCollection
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle


def panel(figure: Figure, title: str) -> Axes:
    """Return the panel whose title begins so."""
    (found,) = [axes for axes in figure.axes if axes.get_title(loc="left").startswith(title)]
    return found


def lines(axes: Axes, color: str | None = None, *, style: str | None = None) -> list[list[float]]:
    """Return the heights of each line of a color that runs through the panel; those of labels beside it are not."""
    return [
        np.asarray(line.get_ydata(), float).tolist()
        for line in axes.lines
        if line.get_transform() != axes.transAxes
        and (color is None or same_color(line.get_color(), color))
        and (style is None or line.get_linestyle() == style)
    ]


def line_at(axes: Axes, color: str) -> list[tuple[float, float]]:
    """Return the points of the only line of a color."""
    inside = [one for one in axes.lines if one.get_transform() != axes.transAxes]
    (line,) = [one for one in inside if same_color(one.get_color(), color)]
    return list(zip(np.asarray(line.get_xdata(orig=False), float), np.asarray(line.get_ydata(), float), strict=True))


def bars(axes: Axes, color: str | None = None) -> list[tuple[float, float]]:
    """Return where each bar of a color begins and how far it goes, up or down."""
    return [
        (bar.get_y(), bar.get_height())
        for bar in axes.patches
        if isinstance(bar, Rectangle) and (color is None or same_color(bar.get_facecolor()[:3], color))
    ]


def areas(axes: Axes, color: str | None = None) -> list[tuple[list[float], list[float]]]:
    """Return the lower and the upper edge of each area of a color, from left to right."""
    found = []
    for one in axes.collections:
        if not isinstance(one, FillBetweenPolyCollection):
            continue
        if color is not None and not same_color(one.get_facecolor()[0][:3], color):
            continue
        points = np.concatenate([path.vertices for path in one.get_paths()])
        places = np.unique(points[:, 0])
        edges = [points[points[:, 0] == place, 1] for place in places]
        found.append(([float(edge.min()) for edge in edges], [float(edge.max()) for edge in edges]))
    return found


def whiskers(axes: Axes) -> list[tuple[float, float]]:
    """Return the ends of every vertical stroke."""
    strokes = [one for one in axes.collections if isinstance(one, LineCollection)]
    return [(float(a[1]), float(b[1])) for one in strokes for a, b in one.get_segments()]


def said(axes: Axes) -> list[str]:
    """Return every word that stands in or beside a panel."""
    return [text.get_text() for text in axes.texts]


def legend_of(axes: Axes) -> list[tuple[str, str]]:
    """Return the names of a legend with their colors, in its order."""
    from matplotlib.colors import to_hex

    shown = axes.get_legend()
    assert shown is not None
    inks = [
        one.get_facecolor() if hasattr(one, "get_facecolor") else one.get_color()  # type: ignore[attr-defined]
        for one in shown.legend_handles
    ]
    names = [text.get_text() for text in shown.get_texts()]
    return [(name, to_hex(ink).upper()) for name, ink in zip(names, inks, strict=True)]


def rises(axes: Axes) -> bool:
    """Tell whether larger numbers stand higher and further right."""
    return axes.get_ylim()[0] < axes.get_ylim()[1] and axes.get_xlim()[0] < axes.get_xlim()[1]
