"""Pages that are attached to mails lead to nothing that is not beside them."""

from __future__ import annotations

import re

import pytest
from small_mails import asked, mails_of, published, source_of

from segcore.mail.attached import read_elsewhere

REPORT = "{to: a@nordkontor.example, gets: report, attach: [report.html, customers.html]}"
OWN = '{rep: "0101", gets: own accounts, attach: [page, workbook]}'
BASE = "https://intranet.nordkontor.example/reports/"
NEAR = r"""(?i)<a\b[^>]*\shref=["']?(?!#|[a-z][a-z0-9+.-]*:)[^\s"'>]+"""
HERE = "https://acme.example/reports/x/2026-03-31/report.html"


def test_links_out_of_a_page_lead_to_its_archive_and_those_within_it_stay():
    page = (
        b'<p><a href="#top">up</a> <a class="x" href="moves.csv">m &amp; n</a>'
        b'<a href="../../index.html#x">i</a>'
        b'<a href="https://other.example/">o</a><a href="mailto:a@acme.example">a</a>'
        b'<a href="report.html#calls">c</a>'
        b"<a\nhref='customers.html#a=1&amp;b=%C3%96' hidden>\xc3\x96</a></p>"
    )
    assert read_elsewhere(page, HERE) == (
        b'<p><a href="#top">up</a> '
        b'<a class="x" href="https://acme.example/reports/x/2026-03-31/moves.csv">'
        b'm &amp; n</a><a href="https://acme.example/reports/index.html#x">i</a>'
        b'<a href="https://other.example/">o</a><a href="mailto:a@acme.example">a</a>'
        b'<a href="#calls">c</a>'
        b'<a href="https://acme.example/reports/x/2026-03-31/customers.html#a=1&amp;b=%C3%96" hidden>'
        b"\xc3\x96</a></p>"
    )
    assert read_elsewhere(page, None) == (
        b'<p><a href="#top">up</a> <a class="x">m &amp; n</a><a>i</a>'
        b'<a href="https://other.example/">o</a><a href="mailto:a@acme.example">a</a>'
        b"<a>c</a><a hidden>\xc3\x96</a></p>"
    )


def test_what_looks_like_a_link_but_is_text_or_script_stays_as_it_is():
    page = (
        '<script>x = \'<a href="moves.csv">\';</script><!-- <a href="moves.csv"> -->\r\n'
        "<style>a[href] {}</style><p title='<a href=\"b\">'>&lt;a href=&quot;moves.csv&quot;&gt; \u2028</p>"
    ).encode()
    assert read_elsewhere(page, HERE) == page


@pytest.mark.parametrize("quote", ["\"'><script>alert(1)</script>", "&quot;><img src=x onerror=alert(1)>"])
def test_nothing_gets_out_of_a_link(quote):
    from html import escape

    page = f'<a href="customers.html#{escape(quote)}" title="{escape(quote)}">x</a>'.encode()
    for address in (HERE, None):
        made = read_elsewhere(page, address).decode()
        assert re.fullmatch(r"<a( [a-z]+=\"[^\"<>]*\")*>x</a>", made)


def test_attached_pages_of_a_run_lead_to_the_archive(small_demo, tmp_path):
    with asked(small_demo, tmp_path, f"{REPORT}\n{OWN}") as source:
        letters = {one.subscription.gets: letter for one, letter in mails_of(source)}
        files = {one.name: one.read() for letter in letters.values() for one in letter.attachments}
    report = files["demo-2025-12-31-report.html"].decode()
    assert re.findall(NEAR, report) == []
    assert f'<a href="{BASE}demo/2025-12-31/workbook.xlsx">' in report
    assert f'<a href="{BASE}index.html#demo">' in report
    assert f'href="{BASE}demo/2025-12-31/customers.html#segment=' in report
    customers = files["demo-2025-12-31-customers.html"].decode()
    assert f'<a href="{BASE}demo/2025-12-31/report.html">' in customers
    own = files["demo-2025-12-31.html"].decode()
    assert re.findall(NEAR, own) == []
    folder = source.secret.folder("demo", "0101")
    assert f'<a href="{BASE}demo/for/{folder}/workbook.xlsx">workbook.xlsx</a>' in own
    told = "it opens in any browser; only its links need access to where reports are kept."
    assert all(letter.paragraphs[-1].endswith(told) for letter in letters.values())


def test_where_nobody_says_where_reports_are_attached_pages_have_no_dead_links(tmp_path):
    study = published(
        tmp_path,
        "{rep: R001, gets: own accounts, attach: page}",
        mail="mail: {from: segments@acme.example}\n",
    )
    with source_of(tmp_path, study) as source:
        ((_, letter),) = mails_of(source)
        own = letter.attachments[0].read().decode()
    assert re.findall(NEAR, own) == []
    assert "<a>workbook.xlsx</a>" in own
    assert letter.paragraphs[-1].endswith("it opens in any browser, and needs nothing else.")
