import platformdirs
import pytest

from flowsim.files import cache


def test_the_environment_chooses_the_folder_and_else_it_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    assert cache.cache_dir() == tmp_path
    monkeypatch.delenv("FLOWSIM_CACHE_DIR")
    assert str(cache.cache_dir()) == platformdirs.user_cache_dir("flowsim")


def test_what_is_stored_is_loaded_and_leaves_no_other_file(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "new" / "folder"))
    cache.store("table", b"content")
    assert cache.load("table") == b"content"
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["table"]


def test_nothing_stored_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    assert cache.load("table") is None


@pytest.mark.parametrize("position", [0, 31, 32, -1])
def test_one_changed_byte_is_none(monkeypatch, tmp_path, position):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    cache.store("table", b"content")
    stored = bytearray((tmp_path / "table").read_bytes())
    stored[position] ^= 1
    (tmp_path / "table").write_bytes(stored)
    assert cache.load("table") is None


def test_a_folder_that_cannot_be_made_is_no_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "file" / "folder"))
    cache.store("table", b"content")
    assert cache.load("table") is None


def test_a_write_that_fails_leaves_the_old_table_and_no_rubbish(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    cache.store("table", b"old")

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    cache.store("table", b"new")
    assert cache.load("table") == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["table"]
