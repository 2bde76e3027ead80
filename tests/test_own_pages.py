from __future__ import annotations

import json
import shutil
import stat

import pytest
from small_archive import APRIL, MARCH
from small_representatives import SECRET, everything_in, folder_of, publish

from segcore import archive, files, keeping
from segcore.cli.keeping import reps
from segcore.errors import UsageError
from segcore.representatives import VARIABLE, Secret, making, secret

PAGES = archive.AFTER["representatives"]


@pytest.fixture(autouse=True)
def secret_is_set(monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)


@pytest.fixture
def places(tmp_path) -> archive.Places:
    found = publish(tmp_path)
    assert archive.finish(found) == []
    return found


def run_of(places: archive.Places, number: int = 1) -> str:
    """Of which run a page is, by its title."""
    page = (folder_of(places, number) / "index.html").read_text()
    return page.split("<title>")[1].split("</title>")[0].partition("customers, ")[2]


class TestTheNameOfAFolder:
    def test_it_is_the_same_in_every_run_and_has_160_bits(self, places):
        before = {path.name for path in (places.reports / "for").iterdir()}
        publish(places.root, APRIL)
        archive.finish(places)
        assert {path.name for path in (places.reports / "for").iterdir()} == before
        assert len(folder_of(places, 1).name) == 40
        assert run_of(places) == "15 April 2025"

    def test_it_depends_on_study_representative_and_secret(self):
        given = (("acme", "1"), ("acme", "2"), ("acm", "e1"), ("other", "1"))
        names = [Secret(text).folder(*one) for text in ("a" * 16, "b" * 16) for one in given]
        assert len(set(names)) == 8
        # Computed by openssl: printf '["folder", "acme", "1"]' | openssl dgst -sha256 -hmac aaaaaaaaaaaaaaaa
        assert names[0] == "047bf105142cf4ef555fb5bc91b202a36734e0c9"

    def test_a_secret_is_shown_by_nothing(self):
        assert SECRET not in repr(Secret(SECRET))

    def test_it_stands_in_no_index_manifest_log_or_other_file(self, places):
        archive.publishing.heal(places)
        names = {folder.name.encode() for folder in (places.reports / "for").iterdir() if folder.is_dir()}
        assert len(names) == 7
        for path in files.files_in(places.root).values():
            text = path.read_bytes()
            assert not [name for name in names if name in text], path
            assert SECRET.encode() not in text

    def test_nothing_that_is_told_names_it(self, places):
        (folder_of(places, 1) / "index.html").write_text("edited")
        folder_of(places, 2).joinpath("workbook.xlsx").unlink()
        told = archive.heal(places)
        root = places.reports / "for"
        assert told == [
            f"{root}: written again from the published runs",
            f"{root}: 1 file was edited; it is kept in .edited/ of its folder",
        ]


class TestTheSecret:
    def test_without_it_there_are_no_pages_and_the_run_says_so(self, tmp_path, monkeypatch):
        monkeypatch.delenv(VARIABLE)
        places = publish(tmp_path)
        assert archive.finish(places) == []
        assert not (places.reports / "for").exists()
        assert archive.noted(places) == [
            "no pages for representatives: the environment variable SEGCORE_REPS_SECRET is not set; "
            "docs/hosting.md says what it is for"
        ]

    def test_nothing_is_said_where_nobody_could_have_a_page(self, tmp_path, monkeypatch):
        monkeypatch.delenv(VARIABLE)
        places = publish(tmp_path, changed={"listed": "select * replace (NULL::VARCHAR as rep) from kept"})
        assert archive.noted(places) == []

    def test_one_that_is_too_short_is_none(self, tmp_path, monkeypatch):
        monkeypatch.setenv(VARIABLE, "hunter2")
        told = (
            "SEGCORE_REPS_SECRET must have at least 16 characters, or folders could be guessed (it has 7); "
            "make one with python3 -c 'import secrets; print(secrets.token_urlsafe(32))', and keep it: "
            "another secret gives other folders"
        )
        with pytest.raises(UsageError) as refused:
            secret()
        assert str(refused.value) == told
        places = publish(tmp_path)
        assert archive.finish(places) == []
        assert not (places.reports / "for").exists()
        assert archive.noted(places) == [f"no pages for representatives: {told}"]

    def test_another_one_takes_the_old_folders_away(self, places, monkeypatch):
        old = folder_of(places, 1)
        monkeypatch.setenv(VARIABLE, "another secret of the tests")
        assert PAGES.missing(places) == [places.reports / "for"]
        assert PAGES.do(places) == []
        assert not old.exists()
        assert len([path for path in (places.reports / "for").iterdir() if path.is_dir()]) == 7

    def test_a_folder_that_nobody_can_tell_whose_it_was_is_told_without_its_name(self, places, monkeypatch):
        assert archive.noted(places) == []
        old = folder_of(places, 1)
        (old / ".made.json").write_text("damaged")
        monkeypatch.setenv(VARIABLE, "b" * 16)
        assert archive.finish(places) == []
        (told,) = archive.noted(places)
        assert (old / "index.html").is_file() and old.name not in told
        assert told == (
            f"warning: {places.reports / 'for'}: every folder with files must be of a representative (1 "
            "holds files that segcore did not write for one of now); segcore reps acme says which are in "
            "use: remove the others by hand"
        )

    def test_when_it_is_gone_the_pages_stay_as_they_are(self, places, monkeypatch):
        monkeypatch.delenv(VARIABLE)
        publish(places.root, APRIL)
        assert archive.finish(places) == []
        assert run_of(places) == "1 March 2025"


class TestWhatIsPublished:
    def test_a_withdrawn_run_takes_its_pages_along(self, places):
        publish(places.root, APRIL)
        archive.finish(places)
        keeping.withdraw("acme/2025-04-15", keeping.Decision(APRIL, "wrong extract"), root=places.root)
        assert run_of(places) == "1 March 2025"

    def test_also_without_the_secret(self, places, monkeypatch):
        monkeypatch.delenv(VARIABLE)
        keeping.withdraw("acme/2025-03-01", keeping.Decision(MARCH, "wrong extract"), root=places.root)
        assert [path.name for path in folder_of(places, 1).iterdir()] == []

    def test_a_run_made_again_has_new_pages(self, places):
        before = (folder_of(places, 1) / "index.html").read_text()
        publish(places.root, customers=120, replace=True)
        archive.finish(places)
        assert (folder_of(places, 1) / "index.html").read_text() != before

    def test_who_left_keeps_the_last_page_until_its_run_is_withdrawn(self, places):
        publish(places.root, APRIL, customers=60, reps=5, more=0)
        archive.finish(places)
        assert (run_of(places, 1), run_of(places, 5)) == ("15 April 2025", "1 March 2025")
        assert PAGES.missing(places) == []
        keeping.withdraw("acme/2025-03-01", keeping.Decision(APRIL, "wrong extract"), root=places.root)
        assert [path.name for path in folder_of(places, 5).iterdir()] == []
        assert run_of(places, 1) == "15 April 2025"

    def test_a_run_that_does_not_say_who_belongs_to_whom_has_no_pages_and_it_is_told(
        self, tmp_path, monkeypatch
    ):
        places = publish(tmp_path, changed={"listed": ""})
        assert archive.finish(places) == []
        assert not (places.reports / "for").exists()
        assert archive.noted(places) == [
            "no new pages for representatives: the newest run must keep who belongs to whom (that of "
            "2025-03-01 does not, or cannot be read); make it again with segcore run acme "
            "--date 2025-03-01 --force"
        ]
        monkeypatch.delenv(VARIABLE)  # nobody asked for pages
        assert archive.noted(places) == []
        assert archive.noted(archive.Places(tmp_path, "other")) == []

    def test_a_damaged_run_leaves_the_pages_as_they_are(self, places):
        publish(places.root, APRIL)
        listed = places.published(APRIL) / "data" / "listed.parquet"
        listed.chmod(0o644)
        listed.write_bytes(b"damaged")
        (told,) = PAGES.do(places)
        assert told.startswith(f"warning: no new pages for representatives: {listed}: ")
        assert run_of(places) == "1 March 2025"


class TestTheFolder:
    def test_its_permissions_stay(self, places):
        folder = folder_of(places, 1)
        folder.chmod(0o2750)
        before = folder.stat()
        publish(places.root, APRIL)
        archive.finish(places)
        after = folder.stat()
        assert (after.st_ino, stat.S_IMODE(after.st_mode)) == (before.st_ino, 0o2750)
        assert run_of(places) == "15 April 2025"

    def test_it_stays_when_the_pages_go(self, places):
        folder = folder_of(places, 1)
        folder.chmod(0o700)
        keeping.withdraw("acme/2025-03-01", keeping.Decision(MARCH, "wrong"), root=places.root)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        keeping.restore("acme/2025-03-01", keeping.Decision(MARCH, None), root=places.root)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert run_of(places) == "1 March 2025"

    def test_strangers_cannot_list_the_folders(self, places):
        mode = (places.reports / "for").stat().st_mode
        assert mode & stat.S_IXOTH
        assert not mode & stat.S_IROTH

    def test_what_segcore_did_not_write_stays(self, places):
        (folder_of(places, 1) / "notes.txt").write_text("mine")
        other = places.reports / "for" / ("0" * 40)
        other.mkdir()
        (other / "index.html").write_text("mine")
        keeping.withdraw("acme/2025-03-01", keeping.Decision(MARCH, "wrong"), root=places.root)
        assert [path.name for path in folder_of(places, 1).iterdir()] == ["notes.txt"]
        assert (other / "index.html").read_text() == "mine"

    def test_an_edited_page_is_kept_beside_the_new_one(self, places):
        page = folder_of(places, 1) / "index.html"
        before = page.read_text()
        page.write_text("my notes")
        assert PAGES.missing(places) == [places.reports / "for"]
        PAGES.do(places)
        assert page.read_text() == before
        assert (page.parent / ".edited" / "index.html").read_text() == "my notes"
        assert PAGES.missing(places) == []

    def test_one_that_cannot_be_written_is_told_and_the_others_are_made(self, places):
        folder = folder_of(places, 1)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder.write_text("a file in its place")
        publish(places.root, APRIL)
        (told,) = PAGES.do(places)
        assert told == (
            f"warning: {places.reports / 'for'}: 1 folder must be writable for who runs segcore "
            "(File exists); it keeps the old page until then"
        )
        assert run_of(places, 2) == "15 April 2025"

    def test_nothing_is_written_or_removed_through_a_link_and_the_others_are_made(self, places):
        one, other = folder_of(places, 1), folder_of(places, 2)
        shutil.rmtree(one)
        one.symlink_to(other)
        publish(places.root, APRIL)
        root = places.reports / "for"
        assert PAGES.do(places) == [
            f"warning: {root}: 1 folder is a link to another place or has one for .edited/ in it, where "
            f"others may read; remove the link (find {root} -type l shows it), then segcore verify "
            "writes the page"
        ]
        assert "Person002y" in (other / "index.html").read_text()
        assert b"Person001y" not in everything_in(other)
        assert run_of(places, 2) == run_of(places, 3) == "15 April 2025"
        assert not (other / ".edited").exists()
        keeping.withdraw("acme/2025-04-15", keeping.Decision(APRIL, "wrong"), root=places.root)
        assert run_of(places, 2) == "1 March 2025"

    def test_an_edited_page_is_kept_through_no_link(self, places):
        (folder_of(places, 1) / ".edited").symlink_to(folder_of(places, 2))
        (folder_of(places, 1) / "index.html").write_text("mine")
        (told,) = PAGES.do(places)
        assert "1 folder is a link to another place" in told
        assert len(list(folder_of(places, 2).iterdir())) == 3

    @pytest.mark.parametrize("name", ["index.html", "workbook.xlsx"])
    def test_a_link_in_place_of_a_file_is_kept_aside(self, places, name):
        mine, its = (folder_of(places, number) / name for number in (1, 2))
        before = its.read_bytes()
        mine.unlink()
        mine.symlink_to(its)
        PAGES.do(places)
        assert its.read_bytes() == before
        assert not mine.is_symlink()
        assert mine.read_bytes() != before

    def test_nothing_is_written_where_the_folder_of_all_is_a_link(self, places, tmp_path):
        root, elsewhere = places.reports / "for", tmp_path / "elsewhere"
        shutil.move(root, elsewhere)
        root.symlink_to(elsewhere)
        before = files.files_in(elsewhere)
        publish(places.root, APRIL)
        assert PAGES.missing(places) == []
        assert PAGES.do(places) == [
            f"warning: {root}: must be a folder (it is a link to another place, where others may read); "
            "remove the link, and segcore verify makes the folder and the pages of representatives"
        ]
        assert files.files_in(elsewhere) == before
        assert run_of(places) == "1 March 2025"

    @pytest.mark.parametrize(
        "name", ["../../../../precious", "{root}/precious", ".edited/index.html", "notes"]
    )
    def test_a_record_that_names_what_segcore_does_not_write_is_none(self, places, name):
        folder = folder_of(places, 1)
        path = folder / name.format(root=places.root)
        path.parent.mkdir(exist_ok=True)
        path.write_text("precious")
        record = json.loads((folder / ".made.json").read_text())
        stat = path.stat()
        record["files"][str(name.format(root=places.root))] = ["", stat.st_size, stat.st_mtime_ns]
        (folder / ".made.json").write_text(json.dumps(record))
        keeping.withdraw("acme/2025-03-01", keeping.Decision(MARCH, "wrong"), root=places.root)
        assert path.read_text() == "precious"

    def test_a_deleted_page_is_written_again(self, places):
        (folder_of(places, 3) / "workbook.xlsx").unlink()
        assert PAGES.missing(places) == [places.reports / "for"]
        PAGES.do(places)
        assert (folder_of(places, 3) / "workbook.xlsx").exists()


def test_many_are_made_by_processes_and_are_the_same(places, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MANY", 1)
    other = publish(tmp_path / "other")
    assert PAGES.do(other) == []
    for number in range(7):
        for name in ("index.html", "workbook.xlsx"):
            mine, its = (folder_of(one, number) / name for one in (places, other))
            assert mine.read_bytes() == its.read_bytes()


class TestSegcoreReps:
    @pytest.fixture(autouse=True)
    def here(self, places, monkeypatch):
        (places.root / "params").mkdir()
        (places.root / "notebooks").mkdir()
        (places.root / "params" / "acme.yaml").write_text("title: ACME")
        monkeypatch.chdir(places.root)

    def test_it_says_whose_folder_is_where(self, places, capsys):
        reps("acme")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 7
        assert lines[1] == f"Person001y (R001): reports/acme/for/{folder_of(places, 1).name}"

    def test_it_says_what_makes_pages_that_are_not_there(self, places, capsys):
        (folder_of(places, 1) / "index.html").unlink()
        reps("acme")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 8
        assert lines[1].endswith(f"{folder_of(places, 1).name}  not made yet")
        assert lines[-1] == "the pages that are not made yet: segcore run acme --date 2025-03-01 makes them"
        archive.finish(places)
        reps("acme")
        assert "not made yet" not in capsys.readouterr().out

    def test_it_says_it_for_machines(self, places, capsys):
        reps("acme", as_json=True)
        told = json.loads(capsys.readouterr().out)
        assert told[1] == {
            "rep": "R001",
            "name": "Person001y",
            "folder": f"reports/acme/for/{folder_of(places, 1).name}",
            "made": True,
        }

    def test_it_needs_the_secret(self, monkeypatch):
        monkeypatch.delenv(VARIABLE)
        with pytest.raises(UsageError) as refused:
            reps("acme")
        assert str(refused.value) == (
            "SEGCORE_REPS_SECRET must be set in the environment, for it names the folders (it is not); "
            "docs/hosting.md says how to make one"
        )

    def test_it_needs_a_run_that_knows(self, places):
        publish(places.root, APRIL, changed={"listed": ""})
        with pytest.raises(UsageError) as refused:
            reps("acme")
        assert str(refused.value) == (
            "runs/acme: there must be a run that keeps who belongs to whom (the newest does not, "
            "or none is published); make it with segcore run acme --date YYYY-MM-DD --force"
        )
