import csv
import io

from outreach_project.demo.prospects import DELIMITER, ENCODING, HEADER, prospect_file


def lines(**options) -> list[list[str]]:
    text = prospect_file(**options).content.decode(ENCODING)
    return list(csv.reader(io.StringIO(text), delimiter=DELIMITER))


def test_the_file_has_a_header_and_the_rows_asked_for():
    found = lines(rows=100)
    assert (tuple(found[0]), len(found)) == (HEADER, 101)


def test_the_same_seed_makes_the_same_file():
    assert prospect_file(rows=100).content == prospect_file(rows=100).content


def test_the_file_is_as_dirty_as_it_says():
    made = prospect_file(rows=2000)
    assert (made.duplicates, made.bad_addresses, made.without_name) == (80, 50, 100)


def test_every_site_is_on_a_reserved_domain():
    good = [row[4] for row in lines(rows=500)[1:]]
    assert all(".example" in site.lower() for site in good)
