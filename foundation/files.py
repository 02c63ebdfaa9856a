"""Uploaded files, wherever the storage keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db.models.fields.files import FieldFile


@contextmanager
def local_path(file: FieldFile, filename: str = "") -> Iterator[Path]:
    """Give an uploaded file as a path on this machine; a remote one is copied meanwhile."""
    try:
        path = Path(file.path)
    except NotImplementedError:
        with NamedTemporaryFile(suffix=Path(filename or file.name or "").suffix) as copy:
            for chunk in file.chunks():
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)
    else:
        yield path
