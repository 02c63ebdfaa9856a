from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from foundation.bundles import LAYERS, BundleFinder, bundle_css, bundle_js

STATIC = Path(settings.BASE_DIR) / "static"
KILOBYTE = 1000


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "css" / "base").mkdir(parents=True)
    (tmp_path / "css" / "pages").mkdir()
    (tmp_path / "js").mkdir()
    return tmp_path


def packed(text: str) -> int:
    return len(brotli.compress(text.encode(), quality=11))


def test_bundle_css_stays_within_its_budget():
    assert packed(bundle_css(STATIC)) <= 10 * KILOBYTE


def test_bundle_js_stays_within_its_budget():
    assert packed(bundle_js(STATIC)) <= 5 * KILOBYTE


def test_bundle_css_makes_a_layer_of_each_folder(sources):
    (sources / "css" / "pages" / "inbox.css").write_text("/* why */\n.inbox {\n  color: red;\n}\n")

    css = bundle_css(sources)

    assert css.startswith(f"@layer {','.join(LAYERS)};")
    assert "@layer pages{.inbox{color:red}}" in css


def test_bundle_css_takes_every_folder_of_styles():
    folders = {path.name for path in (STATIC / "css").iterdir() if any(path.glob("*.css"))}

    assert folders <= set(LAYERS)


def test_bundle_css_moves_relative_addresses(sources):
    rule = '.a {\n  background: url("../../img/a.svg");\n  fill: url(#fade);\n}\n'
    (sources / "css" / "base" / "a.css").write_text(rule)

    css = bundle_css(sources)

    assert '.a{background:url("../img/a.svg");fill:url(#fade)}' in css


def test_bundle_css_keeps_the_spaces_that_mean_something(sources):
    rule = "a :is(b, i) {\n  inset: calc(1px + 2px)\n    auto;\n}\n"
    (sources / "css" / "base" / "a.css").write_text(rule)

    assert "a :is(b,i){inset:calc(1px + 2px) auto}" in bundle_css(sources)


def test_bundle_js_orders_modules_by_import(sources):
    (sources / "js" / "app.js").write_text('import "./b.js";\nimport "./a.js";\n')
    (sources / "js" / "a.js").write_text("export const a = 1;\n")
    (sources / "js" / "b.js").write_text('import { a } from "./a.js";\nconst b = a;\n')

    assert bundle_js(sources) == "const a = 1;\nconst b = a;\n"


def test_bundle_js_shares_one_scope_without_clashes():
    text = bundle_js(STATIC)
    names = [line.split()[1] for line in text.splitlines() if line.startswith(("const ", "let "))]
    top = [name for name in names if f"const {name} = " in text or f"let {name} " in text]

    assert "import " not in text
    assert "export " not in text
    assert top


def test_finder_serves_both_bundles():
    for name in ("bundle/app.css", "bundle/app.js"):
        found = finders.find(name)

        assert found
        assert Path(found).read_text()


def test_finder_lists_both_bundles_for_collectstatic():
    listed = [path for path, _ in BundleFinder().list(None)]

    assert listed == ["bundle/app.css", "bundle/app.js"]


def test_finder_knows_no_other_file():
    assert BundleFinder().find("bundle/other.css") == []
