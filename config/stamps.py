"""Stamps: a small file says what a piece of set-up was made from; equal means there is nothing to do."""

import contextlib
import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".venv", "var", "node_modules"}


def hash_of(*patterns: str) -> str:
    """The names and contents of the project's files that match."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        if not NOT_OURS & set(path.relative_to(ROOT).parts):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def fresh(state: Path, name: str, made_from: str) -> bool:
    """Whether `name` was last made from just this."""
    with contextlib.suppress(FileNotFoundError):
        return (state / f"stamp-{name}").read_text() == made_from
    return False


def stamp(state: Path, name: str, made_from: str) -> None:
    """Remember that `name` is made."""
    (state / f"stamp-{name}").write_text(made_from)
