"""The requirements of a ``setup.cfg``."""

from __future__ import annotations

from pathlib import Path

import pytest

from trued.core.errors import UsageError
from trued.operations.migration.setup_cfg import setup_cfg_requirements


def test_a_file_that_cannot_be_opened_is_no_project_without_requirements(tmp_path: Path) -> None:
    """``ConfigParser.read`` skips such a file, and a lock of nothing would be the answer."""
    with pytest.raises(UsageError) as caught:
        setup_cfg_requirements(str(tmp_path), "setup.cfg")

    assert [one.code for one in caught.value.findings] == ["TRU577"]
