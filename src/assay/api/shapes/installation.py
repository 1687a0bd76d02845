"""The running service about itself."""

from datetime import datetime

from assay.values import Wire


class InstallationShape(Wire, frozen=True, kw_only=True):
    """Where the service keeps what, and how it is doing; paths are on the service's machine.

    `cut_method`: socketReset, relay or none. `master_key` "" when it is not a file. `checkpoints` "" when none are
    written outside the database. `stale`: why decisions stopped, "" while all is well; `certificateProblem`: why
    a newer certificate is not served. `configuration`: the file it was started with, "" without one.
    `damaged`: rows of the database that cannot be read, each with what is refused for it.
    `outage`: why the database does not answer; `knownAt`: from when is what decisions are made on meanwhile.
    `other_release`: the database is there, and of a release that this one may not work beside.
    `forwardAuth`: where foreign proxies ask, "" where they cannot.
    `untold`: the first user names of people to whose address no message can be sent, of so many `untoldPeople`.
    `manyGroups`, `manyGroupsPeople`: the same of people in more groups than apps are told of.
    `serving`: whether the gateway runs; without it nobody reaches anything, and commands work.
    """

    version: str
    pid: int
    url: str
    port: int
    data: str
    database: str
    master_key: str
    certificate: str
    checkpoints: str
    checkpoint_key: str
    cut_method: str
    stale: str
    demo: bool
    started: datetime
    now: datetime
    open_enrolment_links: int
    administrators: int
    certificate_problem: str = ""
    configuration: str = ""
    listen: tuple[str, ...] = ()
    outage: str = ""
    other_release: bool = False
    known_at: datetime | None = None
    serving: bool = True
    damaged: tuple[str, ...] = ()
    forward_auth: str = ""
    untold: tuple[str, ...] = ()
    untold_people: int = 0
    many_groups: tuple[str, ...] = ()
    many_groups_people: int = 0
