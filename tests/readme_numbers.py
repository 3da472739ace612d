"""Compare what README.md shows of a command's output with what the command prints now.

A shown output stands between ``<!-- flowsim COMMAND -->`` and ``<!-- end -->``. With ``--update`` the output is written
into the README, and the script still fails, so that an update never passes for a check.
"""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
SHOWN = re.compile(r"(<!-- (flowsim [^>]+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def printed(command: str) -> str:
    """Return what a command prints on standard output."""
    code = "from flowsim.cli import main; main()"
    arguments = [sys.executable, "-c", code, *command.split()[1:]]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def main() -> int:
    """Return 0 when every shown output is what its command prints."""
    text = README.read_text()
    stale = []

    def fresh(found: re.Match[str]) -> str:
        output = printed(found[2])
        if found[3] != output:
            stale.append(found[2])
        return found[1] + output + found[4]

    updated = SHOWN.sub(fresh, text)
    for command in stale:
        print(f"README.md: the output of '{command}' is not what it prints now", file=sys.stderr)
    if "--update" in sys.argv:
        README.write_text(updated)
        print("README.md written; look at the difference, then check again", file=sys.stderr)
        return 1
    print(f"{len(SHOWN.findall(text))} shown outputs compared, {len(stale)} differ")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
