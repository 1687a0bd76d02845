"""What tests of rollouts ask: what stands, and that a step was taken or why not."""

from assay.access.attempt import NotDone
from assay.access.import_policies import ImportOptions
from assay.access.publish_policy import Imported
from assay.access.roll_out import ShownRollout
from assay.policy import ConditionalAccessPolicy
from tests.access.admin.graph import source
from tests.access.house import BY, House

NOTHING = ImportOptions()


async def imported(house: House, *contents: object) -> None:
    done = await house.policies.import_files(BY, tuple(map(source, contents)), NOTHING)
    assert isinstance(done, Imported), done


async def stood(house: House) -> dict[str, tuple[str, ConditionalAccessPolicy]]:
    """Every policy by its name: its state, and all of it."""
    found = [each.policy for each in await house.policies.every()]
    return {each.display_name: (each.state.value, each) for each in found}


async def states(house: House) -> dict[str, str]:
    return {name: state for name, (state, _) in (await stood(house)).items()}


def took(done: ShownRollout | NotDone) -> ShownRollout:
    assert isinstance(done, ShownRollout), done
    return done


def why(done: object) -> str:
    assert isinstance(done, NotDone), done
    return done.reason.code
