"""A calibration says that its extra is missing before it makes a folder."""

import sys

import pytest

from flowsim.calibration.calibrate import calibrate
from flowsim.errors import InputError


def test_no_folder_is_made_where_the_extra_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cmaes", None)
    with pytest.raises(InputError, match=r"install flowsim-market\[calibrate\], or search with `trials=0`"):
        calibrate("us_equity", out=tmp_path / "fitted", trials=1)
    assert not (tmp_path / "fitted").exists()
