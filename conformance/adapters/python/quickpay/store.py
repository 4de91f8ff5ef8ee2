"""A store of keys and JSON values: in memory, or with a journal that a crash cannot tear.

One commit is one unit (protocol.md section 5, "durable"): a line with a checksum, on stable storage before ``commit``
returns. A line that the crash cut off was never acknowledged and is dropped at the next start.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any, Callable, Iterator, Mapping

MAX_JOURNAL = 256 * 1024 * 1024
MAX_LINE = 64 * 1024 * 1024
COMPACT_FROM = 4 * 1024 * 1024


class StoreError(Exception):
    """The journal is full or damaged where a crash cannot have damaged it."""


class MemoryStore:
    """Keeps everything until the process ends."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self._values.get(key)

    def under(self, prefix: str) -> Iterator[tuple[str, Any]]:
        """The pairs whose key begins with prefix, as they are now."""
        return iter([(k, v) for k, v in self._values.items() if k.startswith(prefix)])

    def commit(self, changes: Mapping[str, Any]) -> None:
        """Applies changes as one unit; None removes a key."""
        self._write(changes)
        self._apply(changes)

    def close(self) -> None:
        """Nothing is open."""

    def _write(self, changes: Mapping[str, Any]) -> None:
        """Memory needs no journal."""

    def _apply(self, changes: Mapping[str, Any]) -> None:
        for key, value in changes.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value


def _line(changes: Mapping[str, Any]) -> bytes:
    text = json.dumps(changes, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    if len(text) > MAX_LINE:
        raise StoreError("one unit is too large")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _parse(line: bytes) -> dict[str, Any] | None:
    """The changes of a journal line, or None when it is not whole."""
    if len(line) < 10 or not line.endswith(b"\n") or line[8:9] != b" ":
        return None
    text = line[9:-1]
    if line[:8] != b"%08x" % zlib.crc32(text):
        return None
    return json.loads(text)


class FileStore(MemoryStore):
    """A MemoryStore that writes every unit to a journal before it counts."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        os.makedirs(folder, exist_ok=True)
        self._folder = folder
        self._path = os.path.join(folder, "journal")
        self._size = self._replay() if os.path.exists(self._path) else 0
        if self._size > COMPACT_FROM:
            self._compact()
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._sync_folder()

    def _replay(self) -> int:
        """Applies every whole line; cuts off what comes after the last one."""
        good = 0
        with open(self._path, "r+b") as journal:
            while line := journal.readline(MAX_LINE + 16):
                changes = _parse(line)
                if changes is None:
                    if journal.readline(1):
                        raise StoreError(f"the journal is damaged at byte {good}")
                    journal.truncate(good)
                    os.fsync(journal.fileno())
                    break
                self._apply(changes)
                good += len(line)
        return good

    def _compact(self) -> None:
        fresh = self._path + ".new"
        with open(fresh, "wb") as journal:
            for key, value in self._values.items():
                journal.write(_line({key: value}))
            journal.flush()
            os.fsync(journal.fileno())
            self._size = journal.tell()
        os.replace(fresh, self._path)

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _write(self, changes: Mapping[str, Any]) -> None:
        line = _line(changes)
        if self._size + len(line) > MAX_JOURNAL:
            raise StoreError("the journal is full")
        written = os.write(self._file, line)
        if written != len(line):
            raise StoreError("the journal could not be written whole")
        os.fdatasync(self._file)
        self._size += written

    def close(self) -> None:
        os.close(self._file)


class Unit:
    """Changes that become durable together, and what may happen only after that."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._changes: dict[str, Any] = {}
        self._then: list[Callable[[], None]] = []

    def put(self, key: str, value: Any) -> None:
        self._changes[key] = value

    def then(self, action: Callable[[], None]) -> None:
        self._then.append(action)

    def commit(self) -> None:
        if self._changes:
            self._store.commit(self._changes)
        for action in self._then:
            action()
