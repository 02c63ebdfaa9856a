"""Competitor gap: exports as Ahrefs and Semrush write them, and what is found in them."""

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks.gap import check, make_exports
from directory.gap.engine import GapSearch, Wishes
from directory.gap.exports import UnreadableExportError, read_export
from directory.gap.headers import map_columns
from foundation.addresses import registrable_domain

SEMRUSH = "Page ascore,Source title,Source url,Target url,Anchor,Nofollow,Lost link\n"
AHREFS = "Referring page URL\tDomain rating\tTarget URL\tAnchor\tNofollow\tLost\tIs spam\n"


def semrush(*rows: str) -> bytes:
    return (SEMRUSH + "".join(f"{row}\n" for row in rows)).encode()


def row(url: str, *, rating: int = 30, lost: str = "false", nofollow: str = "false") -> str:
    return f"{rating},Title,{url},https://rival.example/x,an anchor,{nofollow},{lost}"


@pytest.fixture
def write(tmp_path: Path):
    def written(content: bytes, name: str = "export.csv") -> Path:
        place = tmp_path / name
        place.write_bytes(content)
        return place

    return written


def domains(tmp_path: Path, ours: Path, theirs: Path, own: tuple[str, ...] = ()) -> list[str]:
    with GapSearch(folder=tmp_path) as search:
        search.add(read_export(ours), 0)
        search.add(read_export(theirs), 1)
        return [found.domain for found in search.results(own)]


def test_gap_is_who_links_to_them_and_not_to_us(tmp_path, write):
    ours = write(semrush(row("https://both.example/a")), "ours.csv")
    theirs = write(
        semrush(row("https://www.both.example/b"), row("https://blog.only.co.uk/c")), "theirs.csv"
    )

    assert domains(tmp_path, ours, theirs) == ["only.co.uk"]


def test_own_and_competitors_sites_are_no_prospects(tmp_path, write):
    ours = write(semrush(row("https://x.example/a")), "ours.csv")
    theirs = write(semrush(row("https://rival.example/b")), "theirs.csv")

    assert domains(tmp_path, ours, theirs, ("rival.example",)) == []


def test_a_domain_tells_each_competitors_links_and_its_strongest_page(tmp_path, write):
    one = write(
        semrush(
            row("https://a.example/weak", rating=10),
            row("https://a.example/strong", rating=70, nofollow="true"),
        ),
        "one.csv",
    )
    two = write(semrush(row("https://www.a.example/other", rating=40)), "two.csv")

    with GapSearch(folder=tmp_path) as search:
        search.add(read_export(one), 1)
        search.add(read_export(two), 2)
        (found,) = search.results(())

    assert (found.domain, found.rating) == ("a.example", 70)
    assert [(link.owner, link.links, link.dofollow, link.url) for link in found.links] == [
        (1, 2, 1, "https://a.example/strong"),
        (2, 1, 1, "https://www.a.example/other"),
    ]


def test_lost_links_are_left_out_unless_wished(tmp_path, write):
    export = read_export(write(semrush(row("https://a.example/", lost="true"))))

    with GapSearch(folder=tmp_path) as search:
        assert search.add(export, 1).rows == 0
        assert search.add(export, 1, Wishes(lost=True)).rows == 1


def test_ahrefs_utf16_with_letters_beyond_the_basic_plane_is_read(tmp_path, write):
    text = (
        AHREFS + "https://a.example/😀\t55\thttps://rival.example/\tgrüße 日本 😀\tfalse\t\tfalse\n"
    )
    export = read_export(write(b"\xff\xfe" + text.encode("utf-16-le")))

    with GapSearch(folder=tmp_path) as search:
        search.add(export, 1)
        (found,) = search.results(())

    assert (export.source, export.targets) == ("Ahrefs backlinks", ["rival.example"])
    assert (found.rating, found.links[0].anchor) == (55, "grüße 日本 😀")


def test_ahrefs_lost_date_and_spam_flag_leave_a_row_out(tmp_path, write):
    text = AHREFS + (
        "https://lost.example/\t5\thttps://rival.example/\ta\tfalse\t2026-01-02\tfalse\n"
        "https://spam.example/\t5\thttps://rival.example/\ta\tfalse\t\ttrue\n"
        "https://good.example/\t5\thttps://rival.example/\ta\tfalse\t\tfalse\n"
    )
    ours = write(semrush(row("https://x.example/")), "ours.csv")

    assert domains(tmp_path, ours, write(text.encode(), "theirs.csv")) == ["good.example"]


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_packed_exports_are_unpacked(tmp_path, write, pack):
    content = semrush(row("https://a.example/"))
    place = tmp_path / f"export.{pack}"
    if pack == "gzip":
        place.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(place, "w") as parts:
            parts.writestr("export.csv", content)

    with GapSearch(folder=tmp_path) as search:
        assert search.add(read_export(place), 1).rows == 1


def test_a_line_that_cannot_be_read_is_named_and_the_others_kept(tmp_path, write):
    place = write(semrush(row("https://a.example/"), "1,2", row("https://b.example/")))

    with GapSearch(folder=tmp_path) as search:
        report = search.add(read_export(place), 1)

    assert (report.rows, report.unreadable) == (2, 1)
    assert report.examples[0].startswith("Line 3")


def test_referring_domains_bring_their_number_of_links(tmp_path, write):
    export = read_export(write(b"Domain,Domain rating,Links to target\na.example,40,12\n"))

    with GapSearch(folder=tmp_path) as search:
        search.add(export, 1)
        (found,) = search.results(())

    assert (found.domain, found.links[0].links) == ("a.example", 12)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Name,E-mail\nAnn,ann@a.example\n", "No column of linking pages"),
        (b"PK\x03\x04 broken", "cannot be unpacked"),
        (b"\x1f\x8b broken", "cannot be unpacked"),
    ],
)
def test_what_is_no_export_is_refused_with_what_to_do(write, content, words):
    with pytest.raises(UnreadableExportError, match=words):
        read_export(write(content))


def test_a_workbook_is_refused_with_what_to_do(tmp_path):
    place = tmp_path / "book.xlsx"
    with zipfile.ZipFile(place, "w") as parts:
        parts.writestr("xl/workbook.xml", "<x/>")

    with pytest.raises(UnreadableExportError, match="Export as CSV"):
        read_export(place)


def test_notes_above_the_header_are_passed_over(write):
    export = read_export(write(b"Exported by us\n\n" + semrush(row("https://a.example/"))))

    assert export.skip == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://WWW.Example.co.uk:8080/path",
        "http://user:pw@shop.example.de/",
        "//cdn.example.com/x",
        "blog.example.com/post",
        "https://münchen.de/",
        "https://xn--mnchen-3ya.de/",
        "http://192.168.1.1/",
        "https://a.b.city.kawasaki.jp/",
        "https://shop.sub.unknownsuffix.zz/",
        "https://co.uk/",
        "https://host/",
        "https://trailing.example.com./",
        "https://deep.k12.ma.us/",
        "https://x.pvt.k12.ma.us/",
        "mailto:someone",
        "",
    ],
)
def test_domains_told_in_sql_are_those_told_one_by_one(tmp_path, write, url):
    ours = write(semrush(row("https://x.example/")), "ours.csv")
    theirs = write(semrush(row(url)), "theirs.csv")
    expected = registrable_domain(url)

    assert domains(tmp_path, ours, theirs) == ([expected] if expected else [])


def test_equal_to_a_plain_loop_over_a_sample(tmp_path):
    make_exports(tmp_path, 5_000)

    assert check(tmp_path)


def test_the_child_writes_what_it_found(tmp_path, write):
    place = write(semrush(row("https://a.example/page")))
    job = {
        "folder": str(tmp_path),
        "result": str(tmp_path / "found.jsonl"),
        "own": [],
        "exports": [{"path": str(place), "owner": 1, "name": "rival.csv"}],
    }

    done = subprocess.run(
        [sys.executable, "-m", "directory.gap.child"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
    )

    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one.get("rows"), one.get("domains")) for one in said] == [(1, None), (None, 1)]
    assert json.loads((tmp_path / "found.jsonl").read_text())["domain"] == "a.example"


def test_map_columns_knows_headers_whatever_their_case_and_punctuation():
    assert map_columns(["SOURCE_URL", "Target-URL", "anchor text"]) == {
        "source_url": 0,
        "target_url": 1,
        "anchor": 2,
    }
