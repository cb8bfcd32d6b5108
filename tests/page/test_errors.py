"""What the command prints of an error."""

from __future__ import annotations

import pytest

from optuna_hpx.page._errors import hide_passwords

URL = "postgresql://me:s3cret@host:5432/db"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"cannot read {URL}: no", "cannot read postgresql://me:***@host:5432/db: no"),
        ("redis://:s3cret@host/0", "redis://:***@host/0"),
        ("mysql://me:s3c@ret/x@host/db", "mysql://me:***@host/db"),
        (
            "mysql://host/db?user=me&password=s3cret&ssl=1",
            "mysql://host/db?user=me&password=***&ssl=1",
        ),
        ("postgresql:me:s3cret@host/db", "postgresql:me:***@host/db"),
        (
            "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BPWD%3Ds3cret%3BUID%3Dme",
            "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BPWD%3D***%3BUID%3Dme",
        ),
        ("DRIVER=X;PWD=s3cret;UID=me", "DRIVER=X;PWD=***;UID=me"),
        ("cannot read x://h/d?password=s3:cret: no", "cannot read x://h/d?password=***: no"),
        ("x://h/d?sslpassword=s3cret", "x://h/d?sslpassword=***"),
        ("sqlite:///study.db", "sqlite:///study.db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("see https://optuna.org", "see https://optuna.org"),
    ],
)
def test_passwords_in_a_message(text: str, hidden: str) -> None:
    assert hide_passwords(text) == hidden


def test_what_a_driver_repeats_without_its_url() -> None:
    arguments = ["report", "--storage", "postgresql://me:p%40ss w@host/db"]
    for secret in ("p%40ss w", "p@ss w"):
        assert hide_passwords(f"user me with '{secret}' refused", arguments) == (
            "user me with '***' refused"
        )


def test_what_a_driver_takes_for_the_host() -> None:
    arguments = ["postgresql://me:s3c@retest@host/db"]
    assert hide_passwords("no host 'retest@host'", arguments) == "no host '***@host'"
