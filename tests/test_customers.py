"""The page of all customers: who is in it, what it says of them, and what it lets nobody do."""

from __future__ import annotations

import base64
import doctest
import hashlib
import re
from html import unescape
from pathlib import Path

import pytest
from report_runs import make_runs, write_project
from small_customers import WITH_REGION, cards, column, data_of, write_page

from segcore import customers, why
from segcore.customers import library, page, parts
from segcore.engine import DuckDB
from segcore.errors import SegcoreError
from segcore.params.file import load_study
from segcore.sentences import customers as say

HELD = {**WITH_REGION, "target: [Loyal, Champions]": "target: [Loyal, Champions], holdout: 0.3"}
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "{{ 7*7 }} ${7*7} \"' --> <!-- ]]>",
    "</noscript><b onclick=alert(3)>&lt;&amp;\u2028\u0000",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_runs(write_project(tmp_path_factory.mktemp("customers"), HELD, customers=80))


@pytest.fixture(scope="module")
def written(runs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(runs, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def in_parts(runs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(customers, "MOST", 20)
        return write_page(runs, tmp_path_factory.mktemp("parts"))


def rows_of(run: Path, sql: str) -> list[tuple]:
    with DuckDB() as engine:
        for name in ("customers", "moves", "calls"):
            engine.read_parquet(run / "data" / f"{name}.parquet", name)
        return engine.rows(sql)


def visible(text: str) -> str:
    """A page without its scripts and styles."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)


def test_everybody_of_the_run_and_who_is_gone_is_in_the_list(runs, written):
    data = data_of(written)
    told = rows_of(
        runs[-1],
        "select coalesce(m.customer_id, c.customer_id), segment, state, from_segment from moves m "
        "full join customers c using (customer_id)",
    )
    keys = ("customer_id", "segment", "state", "from")
    found = list(zip(*(column(data, key) for key in keys), strict=True))
    assert sorted(found, key=str) == sorted(
        ((one, now, say.STATES[state], before) for one, now, state, before in told), key=str
    )
    assert {"Gone", "Up", "Down", "Stayed"} <= {state for _, _, state, _ in found}


def test_the_columns_name_what_filters_and_links_need(written):
    data = data_of(written)
    assert [(c["key"], c["title"], c["filtered"]) for c in data["columns"]] == [
        ("customer_id", "Number", False),
        ("name", "Name", False),
        ("segment", "Segment", True),
        ("state", "Move", True),
        ("from", "Segment before", True),
        ("cause", "Cause", True),
        ("rep", "Representative", True),
        ("attribute.region", "Region", True),
        ("value", "Order value", False),
        ("last_order", "Last order", False),
        ("drop_date", "Falls on", False),
        ("fragile", "Fragile", False),
        ("attribute.since", "Since", False),
    ]
    states = next(c for c in data["columns"] if c["key"] == "state")
    assert states["keys"] == ["up", "down", "stayed", "unranked", "new", "returned", "gone"]
    assert next(c for c in data["columns"] if c["key"] == "segment")["keys"] == [
        "Champions", "Loyal", "Needs attention", "Lost",
    ]  # fmt: skip
    assert column(data, "value") == sorted(column(data, "value"), reverse=True)


def test_somebody_who_is_gone_keeps_name_representative_and_region(written):
    data = data_of(written)
    gone = [place for place, state in enumerate(column(data, "state")) if state == "Gone"]
    for key in ("name", "rep", "attribute.region", "last_order", "from"):
        assert all(column(data, key)[place] for place in gone), key
    assert all(column(data, "segment")[place] is None for place in gone)


def test_a_row_says_what_segcore_why_says_but_for_the_call_list(runs, written):
    study = load_study(runs[0].parent.parent.parent / "params" / "acme.yaml")
    found = cards(data_of(written))
    assert len(found) > 60
    for customer, lines in found.items():
        whole = why.why(study, customer, runs[-1]).parts
        if lines[0][1].startswith("in none"):
            assert lines == whole
        else:
            assert lines == [line for line in whole if line[0] != "call list"]
    assert {"segment", "because", "falls", "lifts", "path", "here"} <= {
        h for c in found.values() for h, _ in c
    }


def test_who_is_held_out_changes_no_byte(runs, written, tmp_path):
    assert rows_of(runs[-1], "select count(*) from calls where held_out")[0][0] > 0
    other = "not held_out as held_out, not listed as listed, null as position"
    changed = {"calls": f"select * replace ({other}) from kept"}
    assert write_page(runs, tmp_path, changed=changed).read_bytes() == written.read_bytes()
    assert "left alone" not in str(data_of(written))


def test_the_same_run_gives_the_same_bytes(runs, written, tmp_path):
    assert write_page(runs, tmp_path).read_bytes() == written.read_bytes()


def test_a_first_run_has_no_moves_and_says_so(runs, tmp_path):
    made = write_page(runs[:1], tmp_path)
    assert [c["key"] for c in data_of(made)["columns"]][:5] == [
        "customer_id", "name", "segment", "rep", "attribute.region",
    ]  # fmt: skip
    assert "This is the first run; moves appear from the next run on." in made.read_text()


def test_a_study_that_knows_orders_only_has_a_list_too(tmp_path):
    columns = "{customer_id: customer, name: name, rep: rep, since: since}"
    without = {f"  customers: {{files: [accounts.csv], columns: {columns}}}\n": ""}
    made = write_page(make_runs(write_project(tmp_path, without, customers=40)), tmp_path / "page")
    data = data_of(made)
    assert [c["key"] for c in data["columns"]] == [
        "customer_id", "segment", "state", "from", "cause", "value", "last_order", "drop_date", "fragile",
    ]  # fmt: skip
    assert dict(cards(data)["K001"])["representative"] == "not recorded"


def test_a_cause_without_a_word_is_shown_as_it_is(runs, tmp_path):
    changed = {"moves": "select * replace (if(mark = 'earned', 'donated', mark) as mark) from kept"}
    causes = column(data_of(write_page(runs, tmp_path, changed=changed)), "cause")
    assert "donated" in causes
    assert "By their orders" not in causes


def test_an_attribute_that_is_empty_everywhere_has_no_column(runs, tmp_path):
    changed = dict.fromkeys(("customers", "customers_source"), "select * replace ('  ' as region) from kept")
    keys = [c["key"] for c in data_of(write_page(runs, tmp_path, changed=changed))["columns"]]
    assert "attribute.region" not in keys
    assert "attribute.since" in keys


def test_two_representatives_of_one_name_are_told_apart(runs, tmp_path):
    named = "('Rep A', 'Ann'), ('Rep B', ' Ann '), ('Rep C', 'Eve'), ('Rep D', '')"
    reps = {"reps": f"from (values {named}) t(rep, name)"}
    data = data_of(write_page(runs, tmp_path, changed=reps))
    rep = next(c for c in data["columns"] if c["key"] == "rep")
    assert rep["names"] == ["Ann (Rep A)", "Ann (Rep B)", "Eve", "Rep D"]
    assert rep["keys"] == ["Rep A", "Rep B", "Rep C", "Rep D"]


def test_the_page_is_little_more_than_its_library_and_its_rows(written):
    rows = len(re.findall(r'id="rows">([^<]*)<', written.read_text())[0])
    assert written.stat().st_size - rows - len(library.library().encode()) < 100_000


class TestSafety:
    def test_the_policy_names_the_two_scripts_and_lets_nothing_else_run_or_ask(self, written):
        text = written.read_text(encoding="utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        scripts = re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        assert len(hashes) == 2
        assert policy and unescape(policy[1]) == (
            f"default-src 'none'; script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'; "
            "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        )
        assert '<meta name="referrer" content="no-referrer">' in text
        assert len(re.findall("<script", text)) == 3  # the third holds the rows

    def test_our_scripts_write_no_html(self):
        for name in ("page", "index"):
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|\.html\(", page.script(name)
            )

    def test_hostile_names_stay_text(self, runs, tmp_path):
        texts = ", ".join(f"'{text.replace(chr(39), chr(39) * 2)}'" for text in HOSTILE)
        name = f"[{texts}][1 + (hash(customer_id) % {len(HOSTILE)})::int]"
        changed = {"customers": f"select * replace ({name} as name, {name} as region) from kept"}
        made = write_page(runs, tmp_path, changed=changed)
        data, text = data_of(made), visible(made.read_text(encoding="utf-8"))
        assert set(HOSTILE) <= set(column(data, "name"))
        assert set(HOSTILE) <= {(one or "") for one in column(data, "attribute.region")}
        assert "<img" not in text and "<b " not in text
        assert "&lt;/noscript&gt;" in text
        assert len(re.findall("<script", made.read_text(encoding="utf-8"))) == 3

    def test_the_library_neither_ends_nor_begins_a_script(self):
        text = library.library()
        assert not re.search(r"<(!--|/?script)", text, re.IGNORECASE)
        assert text.count("globalThis.segcoreLibrary=") == 1
        assert "export{" not in text
        assert "datatables.net/license" in text

    @pytest.mark.parametrize(
        "text", ["var a=1;export{a as b};", "var a=1;", "export{x as jQuery};export{y as jQuery};"]
    )
    def test_a_package_that_is_another_one_is_refused(self, tmp_path, monkeypatch, text):
        (tmp_path / "html").mkdir()
        (tmp_path / "html" / "dt_bundle.js").write_text(text)
        spec = type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
        monkeypatch.setattr(library, "find_spec", lambda name: spec)
        with pytest.raises(SegcoreError, match="itables must export jQuery once in dt_bundle"):
            library.library.__wrapped__()

    def test_a_package_that_is_missing_is_named(self, monkeypatch):
        monkeypatch.setattr(library, "find_spec", lambda name: None)
        with pytest.raises(SegcoreError) as caught:
            library.library.__wrapped__()
        assert str(caught.value) == (
            "itables must be installed (it is not); install segcore again: make install"
        )


def test_what_nobody_has_anything_in_is_left_out_and_said_to_be(runs, tmp_path):
    told = "select * replace (NULL::VARCHAR as region, NULL::VARCHAR as name) from kept"
    changed = {"customers": told, "customers_source": told}
    changed["previous"] = "select * replace (NULL::VARCHAR as name) from kept"
    made = write_page(runs, tmp_path, changed=changed)
    assert "Empty for everybody, and therefore not shown: name and region." in visible(made.read_text())
    assert not {"name", "attribute.region"} & {c["key"] for c in data_of(made)["columns"]}


def test_nothing_is_said_to_be_empty_that_is_not(written):
    assert "Empty for everybody" not in written.read_text()


class TestWithoutScripts:
    def test_the_first_rows_are_shown_and_plain_pages_have_all(self, runs, tmp_path, monkeypatch):
        monkeypatch.setattr(customers, "FIRST", 10)
        monkeypatch.setattr(page, "FIRST", 10)
        monkeypatch.setattr(customers, "MOST_PLAIN", 15)
        made = write_page(runs, tmp_path)
        data, text = data_of(made), made.read_text(encoding="utf-8")
        ids = column(data, "customer_id")
        bare = re.search(r"<noscript>(.*)</noscript>", text, re.DOTALL)
        assert bare
        assert re.findall(r"<tr><td>(K\d+)</td>", bare[1]) == ids[:10]
        assert (
            f"Without scripts, the table cannot be searched and shows 10 of {len(ids)} customers." in bare[1]
        )
        links = re.findall(r'<a href="(customers/[^"]+)"', bare[1])
        assert links[0] == "customers/1-champions-1.html"
        assert links[-1].startswith("customers/gone-")
        plain = [(made.parent / link).read_text(encoding="utf-8") for link in links]
        assert sorted(one for page in plain for one in re.findall(r"<tr><td>(K\d+)</td>", page)) == sorted(
            ids
        )
        for one in plain:
            assert "script-src" not in one and "default-src &#39;none&#39;;" in one
            assert "<script" not in one
            assert '<a href="../report.html">' in one

    def test_a_small_run_has_no_plain_pages(self, written):
        assert not (written.parent / "customers").exists()


class TestInParts:
    def test_too_many_for_one_page_stand_in_pages_by_segment(self, in_parts, written):
        text = in_parts.read_text(encoding="utf-8")
        links = re.findall(r'<a href="([^"]+)"( data-[^>]+)>([^<]+)</a>', text)
        pages = [in_parts.parent / href for href, _, _ in links]
        shown = [data_of(one) for one in pages]
        assert all(len(column(data, "customer_id")) <= 20 for data in shown)
        every = sorted(one for data in shown for one in column(data, "customer_id"))
        assert every == sorted(column(data_of(written), "customer_id"))
        assert sorted(path.name for path in (in_parts.parent / "customers").iterdir()) == sorted(
            p.name for p in pages
        )
        for (_, marks, says), data in zip(links, shown, strict=True):
            ids, segments = sorted(column(data, "customer_id")), set(column(data, "segment"))
            assert says.endswith(f"customers, numbers {ids[0]} to {ids[-1]}")
            segment = unescape(marks.split('"')[1])
            assert segments == ({None} if segment == "gone" else {segment})

    def test_the_page_before_them_holds_no_customers(self, in_parts):
        text = in_parts.read_text(encoding="utf-8")
        assert say.IN_PARTS in text
        assert 'id="rows"' not in text
        assert in_parts.stat().st_size < 50_000

    def test_a_part_leads_back_to_the_report(self, in_parts):
        one = (in_parts.parent / "customers" / "1-champions-1.html").read_text(encoding="utf-8")
        assert '<a href="../report.html">Report of 20 May 2025</a>' in one
        assert "<h1>Champions" in one


def test_the_name_of_a_file_holds_nothing_of_a_hostile_segment():
    assert doctest.testmod(parts).failed == 0
    assert parts.slug("../../etc/passwd") == "etc-passwd"
    assert parts.slug("…</script>") == "script"
    assert parts.slug("金") == ""
    assert len(parts.slug("a" * 500)) == 40


@pytest.mark.parametrize(
    ("gone", "last", "told"),
    [
        (
            0,
            None,
            "1,204 customers on 31 March 2026. This is the first run; moves appear from the next run on.",
        ),
        (0, "2026-02-14", "1,204 customers on 31 March 2026. Nobody is gone since 14 February 2026."),
        (1, "2026-02-14", "1,204 customers on 31 March 2026, and 1 who is gone since 14 February 2026."),
        (18, "2026-02-14", "1,204 customers on 31 March 2026, and 18 who are gone since 14 February 2026."),
    ],
)
def test_the_page_says_how_many_there_are(gone, last, told):
    day = say.dt.date.fromisoformat
    assert say.finding(1204, gone, day("2026-03-31"), last and day(last)) == told


def test_the_parts_say_whom_they_hold():
    assert say.part("Loyal", 2, 3) == "Loyal, part 2 of 3"
    assert say.part_holds("Loyal", 1, "K1", "K1") == "Loyal: 1 customer, number K1"
    assert say.first_rows(7, 7) == "Without scripts, the table cannot be searched. It shows everybody."
    assert say.value_head("EUR", None) == "EUR, all orders"
