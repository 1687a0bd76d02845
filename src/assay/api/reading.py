"""The flows behind the lists of the API; made in one place for the service and for whoever serves it elsewhere."""

from assay.access.activity import Activity
from assay.access.directory import Directory
from assay.access.find import Find
from assay.access.listed_policies import ListedPolicies
from assay.access.live_feed import LiveFeed
from assay.access.open_sessions import Connections, OpenSessions, nothing_connected
from assay.access.overview import Glance
from assay.access.premises import Premises
from assay.access.preview_policy import PreviewPolicy
from assay.access.prove_draft import ProveDraft
from assay.access.replay_draft import ReplayDraft
from assay.access.signals import Signals
from assay.values import Value


class Reading(Value, frozen=True, kw_only=True):
    """Everything that only reads."""

    directory: Directory
    activity: Activity
    open_sessions: OpenSessions
    policies: ListedPolicies
    preview: PreviewPolicy
    proving: ProveDraft
    replaying: ReplayDraft
    glance: Glance
    find: Find
    live: LiveFeed

    @classmethod
    def of(cls, premises: Premises, signals: Signals, *, connections: Connections = nothing_connected) -> "Reading":
        """On these premises; `connections`: how many a session has open at the gateway."""
        return cls(
            directory=Directory(premises, signals),
            activity=Activity(premises),
            open_sessions=OpenSessions(premises, connections=connections),
            policies=ListedPolicies(premises, signals),
            preview=PreviewPolicy(premises, signals),
            proving=ProveDraft(premises),
            replaying=ReplayDraft(premises),
            glance=Glance(premises),
            find=Find(premises),
            live=LiveFeed(premises),
        )
