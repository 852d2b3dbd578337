"""Archives of mail files (zip, tar, tar.gz ...): unpacked into a directory of their own, which goes afterwards."""

import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qtmail.errors import BadInput

_FULL = "There is not enough room on the disk to unpack {}."
_SPARE = 256 * 1024 * 1024
_MOST_FILES = 3_000_000


@contextmanager
def unpacked(path: Path, beside: Path | None = None) -> Iterator[Path]:
    """The path itself, or for an archive the directory with what is in it (in `beside`, else the system's place for
    such). Raises BadInput: damaged, or no room."""
    if not path.is_file() or not (zipfile.is_zipfile(path) or _is_tar(path)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="qtmail-import-", dir=beside) as name:
        directory = Path(name)
        try:
            _unzip(path, directory) if zipfile.is_zipfile(path) else _untar(path, directory)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, zlib.error) as error:
            raise BadInput(f"{path.name} cannot be unpacked: {error}.", hint="Unpack it yourself.") from error
        except OSError as error:
            raise BadInput(f"{path.name} cannot be unpacked: {error.strerror or error}.") from error
        inside = list(directory.iterdir())
        yield inside[0] if len(inside) == 1 else directory


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except OSError:
        return False


def _room(path: Path, octets: int, directory: Path) -> None:
    if octets + _SPARE > shutil.disk_usage(directory).free:
        raise BadInput(_FULL.format(path.name), hint="Unpack it on another disk, and import its folder.")


def _unzip(path: Path, directory: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > _MOST_FILES:
            raise BadInput(f"{path.name} has too many files.", hint="Unpack it yourself, and import its folder.")
        _room(path, sum(member.file_size for member in members), directory)
        for member in members:
            archive.extract(member, directory)  # it keeps every member inside the directory


def _untar(path: Path, directory: Path) -> None:
    """What would leave the directory, links and devices are refused by the "data" filter (PEP 706)."""
    with tarfile.open(path) as archive:
        total = 0
        for number, member in enumerate(archive):
            total += member.size
            if number % 1000 == 0 or member.size > _SPARE:
                _room(path, total, directory)
            if member.isfile() or member.isdir():
                archive.extract(member, directory, filter="data")
