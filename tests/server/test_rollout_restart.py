"""What nobody confirmed while no service ran is out of force when one has started, before its first decision."""

from datetime import timedelta
from pathlib import Path

from assay.access.roll_out import Draft, RollOuts, ShownRollout
from assay.places import places
from assay.server.core import Core
from assay.server.settings import ServiceSettings
from tests.access.admin.graph import block, source
from tests.access.house import BY, NOW, HandClock


async def test_an_overdue_step_goes_back_at_the_start(tmp_path: Path) -> None:
    clock = HandClock(NOW)
    settings = ServiceSettings(
        places=places(tmp_path / "data", master_key=tmp_path / "master-key.json"),
        base_domain="assay.localhost",
        port=8443,
    )
    for minutes, stands in ((0, True), (9, True), (1, False)):
        clock.advance(minutes=minutes)
        core = Core(settings, clock=clock, durable=False)
        await core.start()
        try:
            if not minutes:
                begun = RollOuts(core.premises, core.signals)
                done = await begun.start(BY, Draft(file=source(block())), on_within=timedelta(minutes=10))
                assert isinstance(done, ShownRollout)
            # The very policies by which it decides, without a round of any job.
            assert ("Block" in {each.policy.display_name for each in core.signals.compiled.policies}) is stands
        finally:
            await core.stop()
