"""Opening a file of rows, plain or inside a zip archive, without unpacking it to the disk."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from marketplace.errors import CommandError

_BUFFER = 1 << 20
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Source:
    """An open file of rows; `size` is in bytes as they will be read, `name` is for a person."""

    file: io.BufferedReader
    name: str
    size: int
    beginning: bytes  # its first bytes, which are still to be read

    @property
    def json(self) -> bool:
        """Tell whether it begins as JSON does."""
        return self.beginning.removeprefix(MARK).lstrip()[:1] in {b"[", b"{"}

    def position(self) -> int:
        """Tell how many bytes were read, never more than there are."""
        return min(self.file.tell(), self.size)


@contextmanager
def opened(path: Path, endings: Sequence[str]) -> Iterator[Source]:
    """Open a file, or the largest file of an archive whose name ends in one of `endings`.

    Raises:
        CommandError: it cannot be read, or the archive has nothing of the kind, or is damaged
            (also while the block reads on).
    """
    try:
        if path.is_dir():
            raise CommandError(f"{path} is a folder. Name the file inside it.")
        with cast("io.BufferedReader", path.open("rb", buffering=_BUFFER)) as file:
            begins = file.peek(4)[:4]
            if begins not in {ZIP, EMPTY_ZIP}:
                yield Source(file, path.name, path.stat().st_size, file.peek(64)[:64])
                return
            with zipfile.ZipFile(file) as archive:
                member = _largest(archive, endings)
                with archive.open(member) as inner:
                    rows = io.BufferedReader(inner, _BUFFER)  # type: ignore[type-var]
                    name = f"{member.filename} in {path.name}"
                    yield Source(rows, name, member.file_size, rows.peek(64)[:64])
    except FileNotFoundError as error:
        raise CommandError(f"There is no file {path}.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise CommandError(
            f"The archive {path} is damaged or not whole. Nothing was changed. Download it again."
        ) from error
    except NotImplementedError as error:
        raise CommandError(
            f"The archive {path} is packed in a way that we cannot read. Unpack it and import the"
            " file inside."
        ) from error


def _largest(archive: zipfile.ZipFile, endings: Sequence[str]) -> zipfile.ZipInfo:
    found = [
        each
        for each in archive.infolist()
        if each.filename.lower().endswith(tuple(endings)) and not each.is_dir()
    ]
    if not found:
        raise CommandError(f"The archive holds no file ending in {' or '.join(endings)}.")
    # Extracts bring lists of codes and parts of themselves along; the whole is the largest.
    member = max(found, key=lambda each: each.file_size)
    if member.flag_bits & 0x1:
        raise CommandError("The archive asks for a password. Unpack it and import the file inside.")
    return member
