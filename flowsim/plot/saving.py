"""Write a picture to a file; what draws it is loaded only then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowsim.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
PAGE_DPI = 160
TEXT_AS_TEXT: dict[Any, Any] = {"svg.fonttype": "none", "pdf.fonttype": 42}
"""Words of a file can be searched, copied and read aloud."""


def save(figure: Figure, path: Path | str) -> Path:
    """Write a picture to a .png, .svg or .pdf file, as the name of the file says.

    Raises
    ------
    InputError
        If the name has another ending, or the file cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() not in FORMATS:
        raise InputError(f"{file}: a picture ends in {', '.join(FORMATS)}, not in {file.suffix or 'nothing'!r}")
    from matplotlib import rc_context

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with rc_context(TEXT_AS_TEXT):
            figure.savefig(file, dpi=PAGE_DPI)
    except OSError as error:
        raise InputError(f"{file}: cannot write the picture ({error.strerror}); choose another place") from None
    return file
