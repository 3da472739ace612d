"""Draw the pictures of README.md anew, by the commands that stand above them.

``python docs/pictures.py FOLDER`` leaves the folders of the runs in FOLDER, and copies what the README shows to docs/.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRAWN = {
    "overview": "runs/first/overview.png",
    "outlook": "outlook/scenarios.png",
    "term-structure": "runs/first/term-structure.png",
    "claim": "runs/claims/pictures/claim-2-scan.png",
    "flows": "runs/mine/flows.png",
    "sweep": "runs/thin_depth/sweep.png",
}
"""What of the files that the commands leave is shown under which name."""


def main(folder: Path) -> None:
    """Run every command that the README shows on a line of its own, in its order, and copy the pictures."""
    readme = (ROOT / "README.md").read_text()
    [config] = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.toml").write_text(config)
    blocks = "\n".join(readme.split("```")[1::2])
    shown = [line for line in blocks.splitlines() if line.startswith("flowsim ") or "uv run flowsim" in line]
    commands = [line[line.index("flowsim ") :] for line in shown]
    for command in commands:
        code = "from flowsim.cli import main; main()"
        subprocess.run([sys.executable, "-c", code, *command.split()[1:]], cwd=folder, check=True)
    for name, drawn in DRAWN.items():
        shutil.copy(folder / drawn, ROOT / "docs" / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
