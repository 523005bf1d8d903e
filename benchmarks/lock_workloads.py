"""What the locking benchmark locks: requirement lines that a person would write."""

from __future__ import annotations

__all__ = ["LOCK_WORKLOADS", "bounded"]

LOCK_WORKLOADS = {
    "trio": ("trio",),
    "flask": ("flask", "flask-sqlalchemy", "flask-login", "flask-wtf", "celery", "gunicorn", "requests"),
    "jupyter": ("jupyter",),
    "transformers": ("transformers[torch]", "datasets"),
    "boto3-s3fs": ("boto3", "s3fs", "aiobotocore"),
    "boto3-old-urllib3": ("boto3", "urllib3<1.25.4"),
    "airflow": ("apache-airflow[amazon,celery,cncf-kubernetes,google,postgres,redis,ssh,http,slack]==3.2.2",),
}
"""Requirement lines by workload, from six pins to three hundred."""


def bounded(line: str) -> str:
    """Return a requirement line with a bound more, which excludes nothing that anybody would choose."""
    return f"{line},>=0.1" if any(mark in line for mark in "<>=~!") else f"{line}>=0.1"
