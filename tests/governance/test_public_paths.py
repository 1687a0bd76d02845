"""When a public path opens an app to nobody in particular, and when it does not."""

from datetime import UTC, datetime, timedelta

from assay.governance.public_paths import PublicPath
from assay.values import AppId, PublicPathId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def test_a_public_path_is_closed_at_its_end() -> None:
    path = PublicPath(
        id=PublicPathId("p"),
        app_id=AppId("a"),
        name="assets",
        version=1,
        path="/assets/",
        methods=("GET",),
        reason="logos",
        modified_by="root",
        modified_at=NOW,
        expires_at=NOW + HOUR,
    )
    opens = {at: path.opens(method="GET", path="/assets/x", upgrade=False, at=at) for at in (NOW, NOW + HOUR)}
    assert opens == {NOW: True, NOW + HOUR: False}
    assert path.in_force(NOW + HOUR - INSTANT)
    assert not path.opens(method="GET", path="/assets/x", upgrade=True, at=NOW), "an upgraded connection can write"
