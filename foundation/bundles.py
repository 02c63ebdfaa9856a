"""One style sheet and one script for the browser, made of the many files people edit.

`static/css/<layer>/*.css` become `bundle/app.css`, each folder one cascade layer;
`static/js/*.js` become `bundle/app.js`, in the order `app.js` imports them. The finder
below makes them whenever a source is newer, so runserver, WhiteNoise and collectstatic
all serve the same bytes and no build step exists.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

# Later layers win over earlier ones, whatever the selectors.
LAYERS = ("reset", "tokens", "base", "layout", "components", "pages", "utilities")

_URL = re.compile(r'url\("([^"#:]+)"\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r'^import .*?"\./([\w.]+)";\n', re.MULTILINE | re.DOTALL)


def bundle_css(root: Path) -> str:
    """Return the style sheet of the `css` folder under `root`, without its white space."""
    parts = [f"@layer {','.join(LAYERS)};"]
    for layer in LAYERS:
        rules = "".join(
            _plain_css(path.read_text(), f"css/{layer}")
            for path in sorted((root / "css" / layer).glob("*.css"))
        )
        parts.append(f"@layer {layer}{{{rules}}}")
    return "\n".join(parts)


def bundle_js(root: Path) -> str:
    """Return the module that `js/app.js` under `root` imports, as one module.

    Top-level names are shared by all files of the folder, so each must be unique;
    a browser refuses the bundle otherwise and the tests ask it to.
    """
    return "".join(_plain_js((root / "js" / name).read_text()) for name in _imported(root))


def _plain_css(text: str, folder: str) -> str:
    text = _URL.sub(lambda found: f'url("{_moved(found[1], folder)}")', _COMMENT.sub("", text))
    text = " ".join(text.split())
    return re.sub(r" ?([{};,]) ?|(?<=:) ", lambda found: found[1] or "", text).replace(";}", "}")


def _moved(url: str, folder: str) -> str:
    return posixpath.relpath(posixpath.normpath(posixpath.join(folder, url)), "bundle")


def _imported(root: Path, name: str = "app.js", seen: tuple[str, ...] = ()) -> tuple[str, ...]:
    if name in seen:
        return seen
    for wanted in _IMPORT.findall((root / "js" / name).read_text()):
        seen = _imported(root, wanted, seen)
    return (*seen, name)


def _plain_js(text: str) -> str:
    text = re.sub(r"^export ", "", _IMPORT.sub("", text), flags=re.MULTILINE)
    text = re.sub(r"^\s*(//.*|/\*\*?[^*]*\*/)\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^\s+", "", text, flags=re.MULTILINE)


class BundleFinder(BaseFinder):
    """Finds `bundle/app.css` and `bundle/app.js`, making them first when they are stale."""

    makers = {"bundle/app.css": bundle_css, "bundle/app.js": bundle_js}

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.root = Path(settings.BASE_DIR) / "static"
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "made")

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to configure, nothing to check."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  # Django's signature
        """Return where the made file lies, or nothing for any other path."""
        if path not in self.makers:
            return []
        made = self._fresh(path)
        return [made] if find_all else made

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield both files for collectstatic."""
        for path in self.makers:
            self._fresh(path)
            yield path, self.storage

    def _fresh(self, path: str) -> str:
        made = Path(self.storage.path(path))
        folder = self.root / ("css" if path.endswith(".css") else "js")
        newest = max(
            source.stat().st_mtime_ns for source in (Path(__file__), folder, *folder.rglob("*"))
        )
        if not made.exists() or made.stat().st_mtime_ns < newest:
            made.parent.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed: another process may be reading it.
            aside = made.with_name(f"{made.name}.{id(self)}")
            aside.write_text(self.makers[path](self.root))
            aside.replace(made)
        return str(made)
