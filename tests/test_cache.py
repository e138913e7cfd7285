"""Where converted vectors are kept, what is remembered of their sources, and for how long."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from emojify.archives import Source
from emojify.cache import folder, is_verified, mark_verified, place_for
from emojify.errors import EmojifyError, EnvironmentFault

DAY = 86_400


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"a 1 2\n")
    return path


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    path = tmp_path / "cached.safetensors"
    path.write_bytes(b"converted")
    return path


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set the clock."""
    monkeypatch.setattr("time.time", lambda: seconds)


class TestFolder:
    def test_it_is_the_platforms_own_unless_one_is_chosen(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "of the platform"))
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.delenv("EMOJIFY_CACHE")
        assert folder() == tmp_path / "of the platform" / "emojify"
        monkeypatch.setenv("EMOJIFY_CACHE", "")
        assert folder() == tmp_path / "of the platform" / "emojify"
        monkeypatch.setenv("EMOJIFY_CACHE", str(tmp_path / "chosen" / "here"))
        assert folder() == tmp_path / "chosen" / "here"
        assert folder().is_dir()

    def test_one_that_cannot_be_made_is_said(
        self, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EMOJIFY_CACHE", str(source / "below a file"))
        with pytest.raises(EnvironmentFault) as caught:
            folder()
        assert str(caught.value) == (
            f"{source}/below a file: cannot make the cache folder: Not a directory; "
            "set EMOJIFY_CACHE to a folder that can be written to"
        )


class TestPlace:
    def test_it_is_named_by_the_content(self, source: Path, cache: Path) -> None:
        digest = hashlib.sha256(b"a 1 2\n").hexdigest()
        assert place_for(Source.of(source)) == cache / f"{digest}.safetensors"

    def test_members_of_an_archive_have_places_of_their_own(self, source: Path) -> None:
        places = {place_for(Source(source, member)) for member in (None, "a.txt", "b.txt")}
        assert len(places) == 3

    def test_a_name_that_is_not_utf8_has_a_place(self, source: Path) -> None:
        odd = Path(os.fsdecode(os.fsencode(source.parent) + b"/\xff.txt"))
        source.rename(odd)
        assert place_for(Source.of(odd)) == place_for(Source(odd, None))

    def test_a_missing_source_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(EmojifyError, match="found no such file; expected word vectors; check"):
            place_for(Source.of(tmp_path / "none.txt"))

    @pytest.mark.parametrize(("age", "is_believed"), [(2.0, False), (2.1, True)])
    def test_the_hash_of_a_settled_file_is_remembered(
        self, source: Path, monkeypatch: pytest.MonkeyPatch, age: float, is_believed: bool
    ) -> None:
        at(monkeypatch, source.stat().st_ctime + age)
        place_for(Source.of(source))
        assert len(self.notes_of(source)) == is_believed

    @staticmethod
    def notes_of(source: Path) -> list[Path]:
        name = hashlib.sha256(str(source.resolve()).encode()).hexdigest()
        return [path for path in folder().iterdir() if path.name == f"{name}.json"]

    @pytest.mark.parametrize(
        "note",
        [b"", b"{", b"[]", b"5", b"{}", b'{"seen": 1}', b'{"content": "x"}', b"\xff", "seen"],
    )
    def test_a_damaged_note_is_not_believed(
        self, source: Path, monkeypatch: pytest.MonkeyPatch, note: bytes | str
    ) -> None:
        at(monkeypatch, source.stat().st_ctime + 60)
        place = place_for(Source.of(source))
        [path] = self.notes_of(source)
        if isinstance(note, str):  # of a file that was another size, or changed at another time
            facts = json.loads(path.read_bytes())
            assert len(facts["seen"]) == 4
            for i in range(4):
                seen = [*facts["seen"][:i], facts["seen"][i] + 1, *facts["seen"][i + 1 :]]
                path.write_text(json.dumps({"seen": seen, "content": "x"}))
                assert place_for(Source.of(source)) == place
        else:
            path.write_bytes(note)
            assert place_for(Source.of(source)) == place

    def test_a_note_is_believed_while_nothing_changes(
        self, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, source.stat().st_ctime + 60)
        place = place_for(Source.of(source))
        [path] = self.notes_of(source)
        status = source.stat()
        seen = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        assert json.loads(path.read_bytes()) == {"seen": seen, "content": place.stem}
        path.write_text(json.dumps({"seen": seen, "content": "remembered"}))
        assert place_for(Source.of(source)) == place.with_name("remembered.safetensors")


class TestVerified:
    def mark(self, cached: Path) -> Path:
        return cached.with_name("cached.verified")

    def test_nothing_is_until_it_is_marked(self, cached: Path) -> None:
        assert not is_verified(cached)
        mark_verified(cached)
        assert self.mark(cached).exists()
        assert is_verified(cached)

    def test_a_missing_file_is_not(self, cached: Path) -> None:
        mark_verified(cached)
        cached.unlink()
        assert not is_verified(cached)

    def test_a_mark_has_to_be_younger_than_the_file(self, cached: Path) -> None:
        mark_verified(cached)
        os.utime(cached, ns=(0, 0))  # the time of the change of its facts is now
        changed = cached.stat().st_ctime_ns
        for mark, expected in ((changed - 1, False), (changed, False), (changed + 1, True)):
            os.utime(self.mark(cached), ns=(mark, mark))
            assert is_verified(cached) is expected
        later = changed + 10**9
        os.utime(self.mark(cached), ns=(later, later))
        os.utime(cached, ns=(later, later))
        assert not is_verified(cached)

    @pytest.mark.parametrize(
        ("age", "expected"), [(-1, False), (0, True), (DAY - 1, True), (DAY, False)]
    )
    def test_a_mark_is_believed_for_a_day(
        self, cached: Path, monkeypatch: pytest.MonkeyPatch, age: int, expected: bool
    ) -> None:
        mark_verified(cached)
        marked = int(time.time()) + 100
        os.utime(self.mark(cached), (marked, marked))
        at(monkeypatch, marked + age)
        assert is_verified(cached) is expected

    def test_what_is_marked_is_not_marked_anew(
        self, cached: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mark_verified(cached)
        marked = self.mark(cached).stat().st_mtime_ns
        monkeypatch.setattr("time.sleep", None)
        mark_verified(cached)
        assert self.mark(cached).stat().st_mtime_ns == marked

    def test_where_nothing_can_be_written_nothing_is_marked(self, tmp_path: Path) -> None:
        missing = tmp_path / "no such folder" / "cached.safetensors"
        mark_verified(missing)
        assert not is_verified(missing)
