"""Keep computed tables on disk between runs; whatever goes wrong there, the caller computes again."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs

_DIGEST_BYTES = hashlib.sha256().digest_size


def cache_dir() -> Path:
    """Return the folder of what flowsim may recompute: ``FLOWSIM_CACHE_DIR``, else the user's own."""
    return Path(os.environ.get("FLOWSIM_CACHE_DIR") or platformdirs.user_cache_dir("flowsim"))


def load(name: str) -> bytes | None:
    """Return what was stored under `name`, or None where it is absent, unreadable or damaged."""
    try:
        stored = (cache_dir() / name).read_bytes()
    except OSError:
        return None
    digest, content = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def store(name: str, content: bytes) -> None:
    """Keep `content` under `name`; a full or read-only disk is no error.

    The file appears in one step, so no reader sees half of it.
    """
    with contextlib.suppress(OSError):
        folder = cache_dir()
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / name, hashlib.sha256(content).digest() + content)


def keep_newest(prefix: str, most: int) -> None:
    """Clear away what was stored longest ago of everything whose name begins so, but for so many."""
    with contextlib.suppress(OSError):
        by_age = sorted(cache_dir().glob(f"{prefix}*"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in by_age[most:]:
            old.unlink(missing_ok=True)


def _replace(file: Path, stored: bytes) -> None:
    handle, unfinished = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(stored)
        os.replace(unfinished, file)
    except OSError:
        os.unlink(unfinished)
        raise
