"""What importing does with files: encodings, delimiters, headers, cells."""

from pathlib import Path

import pytest

from foundation.encodings import detect_encoding
from leads.importing.cleaning import Clean, RowCleaner
from leads.importing.delimited import Row
from leads.importing.limits import UnreadableFileError
from leads.importing.mapping import guess_mapping, slug
from leads.importing.tables import open_rows, read_layout

AHREFS = (
    "Referring page title\tReferring page URL\tLanguage\tPlatform\tReferring page HTTP code\t"
    "Domain rating\tUR\tDomain traffic\tReferring domains\tAnchor\tAuthor\tPage type"
)
APOLLO = (
    "First Name,Last Name,Title,Company Name,Company Name for Emails,Email,Email Status,"
    "Seniority,# Employees,Industry,Person Linkedin Url,Website,Company Linkedin Url,City,State,"
    "Country,Company Phone,Technologies"
)
INSTANTLY = (
    "email,first_name,last_name,company_name,title,website,linkedin_url,phone,personalization"
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            AHREFS.replace("\t", ","),
            {"Referring page URL": "website", "Domain rating": "domain_rating"},
        ),
        ("Page ascore,Source title,Source url,Target url,Anchor", {"Source url": "website"}),
        (
            APOLLO,
            {
                "First Name": "first_name",
                "Last Name": "last_name",
                "Title": "job_title",
                "Company Name": "company",
                "Email": "email",
                "Email Status": "verification",
                "Person Linkedin Url": "linkedin",
                "Website": "website",
                "City": "city",
                "State": "region",
                "Country": "country",
                "Company Phone": "phone",
            },
        ),
        (
            INSTANTLY,
            {
                "email": "email",
                "first_name": "first_name",
                "last_name": "last_name",
                "company_name": "company",
                "title": "job_title",
                "website": "website",
                "linkedin_url": "linkedin",
                "phone": "phone",
            },
        ),
        (
            "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
            {
                "First Name": "first_name",
                "Last Name": "last_name",
                "URL": "linkedin",
                "Email Address": "email",
                "Company": "company",
                "Position": "job_title",
            },
        ),
        (
            "Link Partner – Name,Link Partner – Domain,Linking From,Owner",
            {"Link Partner – Name": "company", "Link Partner – Domain": "website"},
        ),
        ("E-Mail,Vorname,Nachname,Firma,Webseite,Land", {
            "E-Mail": "email", "Vorname": "first_name", "Nachname": "last_name",
            "Firma": "company", "Webseite": "website", "Land": "country",
        }),
    ],
)  # fmt: skip
def test_guess_mapping_knows_the_headers_of_vendors(header: str, expected: dict[str, str]) -> None:
    mapping = guess_mapping(header.split(","))

    fields = {column: to for column, to in mapping.items() if not to.startswith("custom:")}
    assert fields == expected


def test_guess_mapping_gives_every_other_column_a_custom_field() -> None:
    mapping = guess_mapping(["Email", "Page ascore", "# Employees"])

    assert mapping == {
        "Email": "email",
        "Page ascore": "custom:page_ascore",
        "# Employees": "custom:employees",
    }


def test_guess_mapping_looks_at_values_where_names_say_nothing() -> None:
    mapping = guess_mapping(["Who", "Where"], [["ann@a.example", "x"], ["bob@b.example", "y"]])

    assert mapping["Who"] == "email"


def test_guess_mapping_leaves_out_the_columns_of_a_rejects_file() -> None:
    mapping = guess_mapping(["Email", "line", "column", "value", "reason"])

    assert mapping == {"Email": "email", "line": "", "column": "", "value": "", "reason": ""}


def test_slug_never_takes_the_name_of_a_field() -> None:
    assert slug("Company") == "company_column"


NAMES = {
    "cp1252": "Jürgen Groß",
    "mac_roman": "Jürgen Groß",
    "cp1250": "Małgorzata Dąbrowska",
    "iso8859-2": "Ondřej Šťastný",
    "cp852": "Łukasz Wójcik",
    "cp1251": "Дмитрий Смирнов",
    "koi8-r": "Дмитрий Смирнов",
    "cp866": "Дмитрий Смирнов",
    "cp1253": "Γιώργος Παπαδόπουλος",
    "cp1254": "Şükrü Çağlar Yıldız",
    "cp1255": "יעקב מזרחי",
    "cp1256": "محمد الزهراء",
    "shift_jis": "田中さくら",
    "euc_jp": "田中さくら",
    "iso2022_jp": "田中さくら",
    "gb18030": "王伟建国",
    "big5": "王偉國華",
    "euc_kr": "김민수 이영희",
    "utf-8": "Zoë 田中",
    "utf-8-sig": "Zoë 田中",
    "utf-16": "Zoë 田中",
    "utf-16-le": "Zoë Müller",
    "utf-32": "Zoë 田中",
}


@pytest.mark.parametrize("encoding", NAMES)
def test_detect_encoding_reads_the_text_as_it_was(encoding: str, tmp_path: Path) -> None:
    text = "email,first_name\r\n" + "".join(
        f"p{n}@site{n}.example,{NAMES[encoding]}\r\n" for n in range(5)
    )
    path = tmp_path / "leads.csv"
    path.write_bytes(text.encode(encoding))

    with path.open("rb") as file:
        found = detect_encoding(file)

    assert path.read_bytes().decode(found.name) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_read_layout_finds_the_delimiter(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    rows = [["Email", "Company"], ["ann@a.example", '"Ann, Bob; Co | Sons"']]
    path.write_text("\n".join(delimiter.join(row) for row in rows * 3))

    assert read_layout(path).delimiter == delimiter


def test_read_layout_passes_over_the_notes_linkedin_writes_first(tmp_path: Path) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(
        'Notes:\n"When exporting your connection data, you may notice that some are missing."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Ann,Lee,https://www.linkedin.com/in/ann,ann@a.example,A,Editor,01 Jan 2026\n"
    )

    layout = read_layout(path)

    assert (layout.header_row, layout.columns[0]) == (4, "First Name")


def test_read_layout_numbers_the_columns_of_a_file_without_header(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("ann@a.example,Ann\nbob@b.example,Bob\n")

    layout = read_layout(path)

    assert (layout.header_row, layout.columns) == (0, ["Column 1", "Column 2"])


def test_rows_go_on_after_a_quote_that_never_closes(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text('Email,Company\nann@a.example,"Broken\nbob@b.example,B\ncid@c.example,C\n')

    with open_rows(path, read_layout(path)) as rows:
        found = [(row.line, row.cells[0], bool(row.problem)) for row in rows]

    assert found == [
        (2, "ann@a.example", True),
        (3, "bob@b.example", False),
        (4, "cid@c.example", False),
    ]


def test_rows_of_a_cell_over_several_lines_stay_one_row(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text('Email,Notes\nann@a.example,"one\ntwo"\nbob@b.example,x\n')

    with open_rows(path, read_layout(path)) as rows:
        assert [(row.line, row.cells[1]) for row in rows] == [(2, "one\ntwo"), (4, "x")]


def test_read_layout_refuses_a_file_of_one_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("x" * 3_000_000)

    with pytest.raises(UnreadableFileError, match="longer than"):
        read_layout(path)


def test_read_layout_refuses_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(",".join(f"c{n}" for n in range(300)) + "\n")

    with pytest.raises(UnreadableFileError, match="300 columns"):
        read_layout(path)


def _clean(column: str, text: str) -> Clean | list[str]:
    cleaner = RowCleaner(
        ["Email", column], {"Email": "email", **guess_mapping([column]), column: _target(column)}
    )
    found = cleaner.clean(Row(2, ["ann@a.example", text]))
    return found if isinstance(found, Clean) else [problem.column for problem in found]


def _target(column: str) -> str:
    return guess_mapping([column])[column]


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("Country", "Deutschland", {"country": "DE"}),
        ("Country", "日本", {"country": "JP"}),
        ("Website", "example.com/x", {"website": "https://example.com/x"}),
        ("Time zone", "Eastern Standard Time", {"time_zone": "America/New_York"}),
        ("Full name", "de Vries, Ann", {"first_name": "Ann", "last_name": "de Vries"}),
        ("First name", "  Zo\u200b\u00a0ë ", {"first_name": "Zo ë"}),
        ("First name", "n/a", {}),
        ("Phone", "'+44 20 7946 0000", {"phone": "+44 20 7946 0000"}),
        ("Email status", "accept_all", {"verification": "risky"}),
    ],
)
def test_clean_gives_values_in_one_form(column: str, text: str, expected: dict[str, str]) -> None:
    found = _clean(column, text)

    assert isinstance(found, Clean)
    assert found.values == {"email": "ann@a.example", **expected}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" ANN@A.Example ", "ann@a.example"),
        ("Ann Lee <ann@a.example>", "ann@a.example"),
        ("mailto:ann@a.example", "ann@a.example"),
    ],
)
def test_clean_takes_an_address_out_of_what_surrounds_it(text: str, address: str) -> None:
    found = RowCleaner(["E"], {"E": "email"}).clean(Row(2, [text]))

    assert isinstance(found, Clean)
    assert found.values == {"email": address}
