"""/v1/installation: the running service about itself."""

import os
from typing import Final

from litestar import get
from litestar.di import NamedDependency

from assay import __version__
from assay.api.flows import AdminFlows
from assay.api.shapes.installation import InstallationShape


@get("/installation")
async def show_installation(flows: NamedDependency[AdminFlows]) -> InstallationShape:
    """Where the service keeps what, and how it is doing."""
    here, condition, overview = flows.installation, await flows.condition(), await flows.survey.look()
    return InstallationShape(
        version=__version__,
        pid=os.getpid(),
        url=here.url,
        port=here.port,
        data=str(here.data),
        database=here.database,
        master_key="" if here.master_key is None else str(here.master_key),
        certificate=str(here.certificate),
        checkpoints="" if here.checkpoints is None else str(here.checkpoints),
        checkpoint_key=here.checkpoint_key(),
        cut_method=condition.cut_method,
        stale=condition.stale,
        demo=here.demo,
        started=here.started,
        now=overview.now,
        open_enrolment_links=overview.open_enrolment_links,
        administrators=overview.administrators,
        certificate_problem=condition.certificate_problem,
        configuration="" if here.configuration is None else str(here.configuration),
        listen=here.listen,
        outage=overview.outage,
        other_release=overview.other_release,
        known_at=condition.known_at,
        serving=condition.serving,
        # A person whose row cannot be read is known to both.
        damaged=tuple(dict.fromkeys((*condition.damaged, *overview.skipped))),
        forward_auth=here.forward_auth,
        untold=overview.untold,
        untold_people=overview.untold_people,
        many_groups=overview.many_groups,
        many_groups_people=overview.many_groups_people,
    )


ROUTES: Final = (show_installation,)
