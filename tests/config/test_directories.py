"""The lean answers are those of platformdirs."""

import sys
from pathlib import Path

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trued.config.directories import (
    cache_directory,
    config_directories,
    config_directory,
    folders_upward,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has lean answers")

FOLDERS = st.sampled_from(["", "/", "/h", "/h/", "/h//", "relative", "~/x", "/with space"])


@given(home=FOLDERS, cache=FOLDERS, config=FOLDERS, system=st.lists(FOLDERS, max_size=3).map(":".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_answered_is_what_platformdirs_answers(
    home: str, cache: str, config: str, system: str
) -> None:
    environ = {"HOME": home, "XDG_CACHE_HOME": cache, "XDG_CONFIG_HOME": config, "XDG_CONFIG_DIRS": system}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)

        assert cache_directory(environ) in (None, platformdirs.user_cache_dir("trued", appauthor=False))
        assert config_directory(environ, "trued") in (None, platformdirs.user_config_dir("trued"))
        joined = platformdirs.site_config_dir("trued", multipath=True)
        assert ":".join(config_directories(environ, "trued") or []) == joined


def test_an_absolute_home_is_enough_for_an_answer() -> None:
    assert cache_directory({"HOME": "/h"}) == "/h/.cache/trued"
    assert config_directory({"HOME": "/h"}, "pip") == "/h/.config/pip"


def test_without_a_home_there_is_no_lean_answer() -> None:
    assert cache_directory({}) is None


def test_folders_upward_end_below_one_that_everybody_may_write_to(tmp_path: Path) -> None:
    inner = tmp_path / "shared" / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "shared").chmod(0o1777)

    assert list(folders_upward(str(inner))) == [str(inner), str(inner.parent)]


def test_the_current_folder_is_always_looked_at(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    assert next(iter(folders_upward(str(tmp_path)))) == str(tmp_path)


def test_folders_upward_end_at_the_root() -> None:
    assert list(folders_upward("/usr/lib")) == ["/usr/lib", "/usr", "/"]
