"""A reason: a stable code and its parameters; catalogues turn it into a sentence."""

from assay.values.base import Value


class Reason(Value, frozen=True, kw_only=True):
    """Why something was refused or decided: `code` is stable and documented, `parameters` fill the sentence."""

    code: str
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, /, **parameters: str) -> "Reason":
        return cls(code=code, parameters=tuple(sorted(parameters.items())))
