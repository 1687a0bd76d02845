"""The table of rollouts that are not over: at most one for each policy."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, delete, insert, select, update

from assay.governance.rollouts import Rollout
from assay.policy.definition import ConditionalAccessPolicy
from assay.store import Count, Id, Instant, Json, Reader, Transaction, readable, table
from assay.values import PolicyId

rollout_table = table(
    "policy_rollout",
    Column("id", Id, primary_key=True),
    Column("policy_id", Id, nullable=False, unique=True),
    # Lifted out of the definition: which step it is, and until when somebody has to confirm it.
    Column("step", Count, nullable=False),
    Column("confirm_by", Instant, nullable=True),
    Column("definition", Json(Rollout), nullable=False),
)


def add(transaction: Transaction, rollout: Rollout) -> None:
    """Keep a rollout that begins; the policy has no other."""
    transaction.connection.execute(
        insert(rollout_table).values(id=rollout.id, policy_id=rollout.policy_id, **_lifted(rollout))
    )


def swap(transaction: Transaction, before: Rollout, after: Rollout | None) -> bool:
    """Put `after` in the place of `before` (None: it is over), where that is still at the step that it was read at.

    False where somebody, such as another node, was faster: then nothing was changed.
    """
    columns = rollout_table.c
    same = (columns.id == before.id, columns.step == len(before.steps), columns.confirm_by == before.step.confirm_by)
    changed = (
        delete(rollout_table).where(*same)
        if after is None
        else update(rollout_table).where(*same).values(_lifted(after))
    )
    return transaction.connection.execute(changed).rowcount == 1


def get(reader: Reader, rollout_id: PolicyId) -> Rollout | None:
    """The rollout with this id."""
    query = select(rollout_table.c.definition).where(rollout_table.c.id == rollout_id)
    found: Rollout | None = reader.connection.execute(query).scalar_one_or_none()
    return found


def every(reader: Reader) -> tuple[Rollout, ...]:
    """Every rollout that can be read, in the order of their ids."""
    query = select(rollout_table.c.definition).order_by(rollout_table.c.id)
    return readable(reader, rollout_table, query, lambda row: row.definition)


def going_back_to(reader: Reader) -> tuple[ConditionalAccessPolicy, ...]:
    """Every policy as a rollout would put it back: what it names is still needed."""
    steps = (step for rollout in every(reader) for step in rollout.steps)
    return tuple(each for step in steps for each in (step.former.policy, step.former.companion) if each is not None)


def by_policy(reader: Reader) -> Mapping[PolicyId, PolicyId]:
    """The id of the rollout by that of each policy that belongs to one: the policy itself, and the one beside it."""
    columns = rollout_table.c
    found: dict[PolicyId, PolicyId] = {}
    for row in reader.connection.execute(select(columns.id, columns.policy_id)):
        found[PolicyId(row.policy_id)] = found[PolicyId(row.id)] = PolicyId(row.id)
    return found


def overdue(reader: Reader, at: datetime) -> tuple[PolicyId, ...]:
    """The ids of the rollouts whose step should have been confirmed by now, the longest overdue first."""
    columns = rollout_table.c
    query = select(columns.id).where(columns.confirm_by <= at).order_by(columns.confirm_by, columns.id)
    return tuple(map(PolicyId, reader.connection.execute(query).scalars()))


def _lifted(rollout: Rollout) -> dict[str, object]:
    return {"step": len(rollout.steps), "confirm_by": rollout.step.confirm_by, "definition": rollout}
