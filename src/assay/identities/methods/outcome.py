"""What checking a method comes to: something was proved, or a reason why not."""

from datetime import datetime
from typing import TypeAlias

from assay.policy.request import Method, Proof
from assay.values import Reason, UserId, Value


class Proved(Value, frozen=True, kw_only=True):
    """This person used this method at this instant; it counts once its record accepted the use."""

    user_id: UserId
    method: Method
    at: datetime
    user_verified: bool = False
    device_bound: bool = False

    @property
    def proof(self) -> Proof:
        """The same as the engine's signal."""
        return Proof(method=self.method, at=self.at, user_verified=self.user_verified, device_bound=self.device_bound)


class Refusal(Value, frozen=True, kw_only=True):
    """Nothing was proved or changed, and why; what a stranger may be told of it is the page's concern."""

    reason: Reason

    @classmethod
    def of(cls, code: str, /, **parameters: str) -> "Refusal":
        return cls(reason=Reason.of(code, **parameters))


Outcome: TypeAlias = Proved | Refusal
