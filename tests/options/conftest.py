"""What is shared by the tests of options: the small markets and the plain twin of the engine's tests serve here too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "engine"))
