"""What doctor says of proxies that ask: whether anybody answers them, and whether others hear it."""

from datetime import UTC, datetime

import msgspec
import pytest

from assay.api.shapes.apps import AppList, AppShape
from assay.api.shapes.installation import InstallationShape
from assay.cli.doctor_apps import forward_auth_findings
from assay.cli.doctor_findings import Severity, app_finding

NOW = datetime(2026, 11, 23, tzinfo=UTC)
APP = AppShape(
    id="a",
    name="wiki",
    display_name="Wiki",
    url="https://wiki.assay.localhost/",
    upstream="",
    reach="behindProxy",
    assigned=(),
    allowed_origins=(),
    created_date_time=NOW,
    proxy="nginx",
    proxy_kind="nginx",
)
OURS = msgspec.structs.replace(APP, proxy="", proxy_kind="", reach="directory")
HERE = InstallationShape(
    version="1",
    pid=1,
    url="https://id.assay.localhost",
    port=8443,
    data="/data",
    database="assay.db",
    master_key="",
    certificate="/c.pem",
    checkpoints="",
    checkpoint_key="",
    cut_method="socketReset",
    stale="",
    demo=False,
    started=NOW,
    now=NOW,
    open_enrolment_links=0,
    administrators=2,
)


@pytest.mark.parametrize(
    ("listens", "app", "severities"),
    [
        ("", OURS, []),
        ("", APP, [Severity.ERROR]),
        ("127.0.0.1:8477", APP, []),
        ("unix:///run/ask.sock", APP, []),
        ("0.0.0.0:8477", APP, [Severity.WARNING]),
        ("192.0.2.7:8477", OURS, [Severity.WARNING]),
    ],
)
def test_whether_proxies_are_answered_and_overheard(listens: str, app: AppShape, severities: list[Severity]) -> None:
    here = msgspec.structs.replace(HERE, forward_auth=listens)
    assert [each.severity for each in forward_auth_findings(here, AppList(value=(app,)))] == severities


def test_an_app_behind_a_proxy_is_named_with_what_we_cannot_do() -> None:
    finding = app_finding(APP)
    assert finding.severity is Severity.NOTE
    assert "not cut by us" in finding.message
