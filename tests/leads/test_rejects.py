"""Bad rows: each named, and clean once corrected."""

import csv
import io

from foundation.exports import csv_lines
from leads.models import Lead
from leads.selectors.rejects import reject_rows, rejects_header
from tests.leads.files import counts

BAD_HEADER = (
    "Email,First name,Website,Phone,Country,Time zone,Domain rating,LinkedIn,Email status\n"
)
BAD_ROWS = [
    # row, column, value, corrected row
    ("not an address,A,,,,,,,", "Email", "not an address", "a@a.example,A,,,,,,,"),
    ("b@,B,,,,,,,", "Email", "b@", "b@b.example,B,,,,,,,"),
    ("c@c..example,C,,,,,,,", "Email", "c@c..example", "c@c.example,C,,,,,,,"),
    (
        "d@d.example; e@d.example,D,,,,,,,",
        "Email",
        "d@d.example; e@d.example",
        "d@d.example,D,,,,,,,",
    ),
    (",E,,,,,,,", "Email", "", "e@e.example,E,,,,,,,"),
    ("f@f.example,F,javascript:x,,,,,,", "Website", "javascript:x", "f@f.example,,,,,,,,"),
    ("g@g.example,G,not a site,,,,,,", "Website", "not a site", "g@g.example,G,g.example,,,,,,"),
    ("h@h.example,H,,none given,,,,,", "Phone", "none given", "h@h.example,H,,+44 1234,,,,,"),
    ("i@i.example,I,,,Atlantis,,,,", "Country", "Atlantis", "i@i.example,I,,,Iceland,,,,"),
    ("j@j.example,J,,,,Mars/Base,,,", "Time zone", "Mars/Base", "j@j.example,J,,,,UTC,,,"),
    ("k@k.example,K,,,,,140,,", "Domain rating", "140", "k@k.example,K,,,,,40,,"),
    ("l@l.example,L,,,,,,facebook.com/l,", "LinkedIn", "facebook.com/l", "l@l.example,L,,,,,,,"),
    ("m@m.example,M,,,,,,,perhaps", "Email status", "perhaps", "m@m.example,M,,,,,,,valid"),
    ("n@n.example," + "N" * 101 + ",,,,,,,", "First name", "N" * 101, "n@n.example,N,,,,,,,"),
    ("o@o.example,O\x07,,,,,,,", "First name", "O\x07", "o@o.example,O,,,,,,,"),
    ("p@p.example,P\ufffd,,,,,,,", "First name", "P\ufffd", "p@p.example,P,,,,,,,"),
    ("q@q.example,Q,,,,,,,,,extra", "", "extra", "q@q.example,Q,,,,,,,"),
]  # fmt: skip


def test_run_import_names_line_column_value_and_reason_of_each_bad_row(load) -> None:
    # Enough good verdicts that the column is known to hold them.
    good = "".join(f"ok{n}@ok.example,,,,,,,,valid\n" for n in range(3))
    done = load(good + "\n".join(row for row, *_ in BAD_ROWS) + "\n", header=BAD_HEADER)

    found = [
        (reject.line, reject.problems[0]["column"], reject.problems[0]["value"])
        for reject in done.rejects.all()
    ]
    assert found == [(5 + n, column, value) for n, (_, column, value, _) in enumerate(BAD_ROWS)]
    assert all(r.problems[0]["reason"].endswith(".") for r in done.rejects.all())


def test_rejects_file_imports_clean_once_corrected(load) -> None:
    good = "".join(f"ok{n}@ok.example,,,,,,,,valid\n" for n in range(3))
    done = load(good + "\n".join(row for row, *_ in BAD_ROWS) + "\n", header=BAD_HEADER)
    text = "".join(csv_lines(rejects_header(done), reject_rows(done)))
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert header[-4:] == ["line", "column", "value", "reason"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row, (*_, corrected) in zip(rows, BAD_ROWS, strict=True):
        writer.writerow([*corrected.split(","), *row[-4:]])

    again = load(("\ufeff" + out.getvalue()).encode())

    assert counts(again) == (len(BAD_ROWS), 0, 0, 0)
    assert not Lead.objects.exclude(custom={}).exists()


def test_rejects_file_is_safe_to_open_in_a_spreadsheet(load) -> None:
    done = load("=HYPERLINK(1),=cmd,,,,,\n")

    text = "".join(csv_lines(rejects_header(done), reject_rows(done)))

    assert "'=HYPERLINK(1),'=cmd" in text
