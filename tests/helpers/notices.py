"""What a command may say on standard error without anything being wrong."""


def without_notice(errors: str) -> str:
    """Return standard error without the line that the very first start has: that it compiles, and how long."""
    return "".join(line for line in errors.splitlines(keepends=True) if "compiling the engine" not in line)
