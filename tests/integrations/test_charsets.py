"""Which characters a page's bytes are."""

import pytest

from integrations.crawler.charsets import decode

WORD = "Käse – größer"


@pytest.mark.parametrize(
    ("content", "header", "text"),
    [
        (WORD.encode("utf-16"), "text/html; charset=iso-8859-1", WORD),
        (b"\xef\xbb\xbf" + WORD.encode(), "text/html; charset=iso-8859-1", WORD),
        (WORD.encode("cp1252"), "text/html; charset=ISO-8859-1", WORD),
        (WORD.encode("cp1252"), 'text/html;charset="windows-1252"', WORD),
        (WORD.encode(), "text/html", WORD),
        (WORD.encode("cp1252"), "text/html", WORD),
        (b"<meta charset=koi8-r>" + "сыр".encode("koi8-r"), "", "<meta charset=koi8-r>сыр"),
        (b'<?xml version="1.0" encoding="gb2312"?>' + "奶酪".encode("gb18030"), "",
         '<?xml version="1.0" encoding="gb2312"?>奶酪'),
        ("<p>ñ".encode("utf-16-be"), "", "<p>ñ"),
        (b"<meta charset=utf-16>" + WORD.encode(), "", "<meta charset=utf-16>" + WORD),
        (b"x", "text/html; charset=rot13", "x"),
        (b"x", "text/html; charset=no-such", "x"),
        (b"+AGE-", "text/html; charset=utf-7", "+AGE-"),
    ],
)  # fmt: skip
def test_text_is_read(content, header, text):
    assert decode(content, header)[0] == text


def test_bytes_without_meaning_do_not_raise():
    assert decode(b"\xff\xfe\x00", "")[0] == "�"
