"""Compare what a page shows of a command's output with what the command prints now.

A shown output stands between ``<!-- flowsim COMMAND -->`` and ``<!-- end -->``. With ``--update`` the output is written
into the page, and the script still fails, so that an update never passes for a check.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = re.compile(r"(<!-- (flowsim [^>]+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def printed(command: str) -> str:
    """Return what a command prints on standard output."""
    code = "from flowsim.cli import main; main()"
    arguments = [sys.executable, "-c", code, *command.split()[1:]]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def main() -> int:
    """Return 0 when every shown output is what its command prints."""
    shown, stale = 0, []

    def fresh(found: re.Match[str]) -> str:
        output = printed(found[2])
        if found[3] != output:
            stale.append(found[2])
        return found[1] + output + found[4]

    for page in PAGES:
        text = page.read_text()
        before = len(stale)
        updated = SHOWN.sub(fresh, text)
        shown += len(SHOWN.findall(text))
        for command in stale[before:]:
            print(f"{page.name}: the output of '{command}' is not what it prints now", file=sys.stderr)
        if "--update" in sys.argv and updated != text:
            page.write_text(updated)
            print(f"{page.name} written; look at the difference, then check again", file=sys.stderr)
    print(f"{shown} shown outputs compared, {len(stale)} differ")
    return 1 if stale or "--update" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
