"""Keep computed tables on disk between runs; whatever goes wrong there, the caller computes again."""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs

_DIGEST_BYTES = hashlib.sha256().digest_size
_DAY = 86_400.0


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
        file = cache_dir() / name
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, hashlib.sha256(content).digest() + content)


def mark_used(name: str) -> None:
    """Say that what is under `name` was of use today, so that `clear_unused` leaves it."""
    with contextlib.suppress(OSError):
        file = cache_dir() / name
        if time.time() - file.stat().st_mtime > _DAY:
            os.utime(file)


def clear_unused(folder: str, days: float) -> None:
    """Clear away every file of a folder that was neither stored nor of use for so many days."""
    with contextlib.suppress(OSError):
        for file in list((cache_dir() / folder).rglob("*")):
            if file.is_file() and time.time() - file.stat().st_mtime > days * _DAY:
                file.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(name: str, patience: float) -> Iterator[None]:
    """Hold the lock of `name` against every other process and thread that computes the same.

    The system lets go of the lock of a process that dies. Who waits longer than `patience` seconds, or cannot have a
    lock on such a disk, goes on without.
    """
    # A fifth of a second to import, and wanted only where something is computed for seconds.
    from filelock import FileLock

    file = cache_dir() / f"{name}.lock"
    lock = FileLock(file, timeout=patience)
    with contextlib.suppress(OSError):  # A timeout is one too.
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


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
