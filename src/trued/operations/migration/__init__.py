"""From the files of a project of pip, uv, Poetry, PDM or pipenv to a lock and a policy."""
