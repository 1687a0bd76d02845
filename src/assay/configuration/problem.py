"""What is wrong in a configuration file: where, what, and the fix."""

from assay.values import AssayError, Value


class Problem(Value, frozen=True, kw_only=True):
    """`section` is dotted, "" for the file; `key` "" is the section itself; `line` 0 where it is not known."""

    section: str = ""
    key: str = ""
    line: int = 0
    message: str
    fix: str = ""

    @property
    def place(self) -> str:
        """`[server] port`, `[server]`, or "" for the file as a whole."""
        return " ".join(part for part in (f"[{self.section}]" if self.section else "", self.key) if part)


class ConfigurationError(AssayError):
    """The file cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file, self.problems = file, problems
        super().__init__("\n".join(line for problem in problems for line in lines_of(file, problem)))


def lines_of(file: str, problem: Problem) -> tuple[str, ...]:
    """One problem as printed: `assay.toml:3: [server] port: …` and its fix below."""
    line = f":{problem.line}" if problem.line else ""
    place = f"{problem.place}: " if problem.place else ""
    first = f"{file}{line}: {place}{problem.message}"
    return (first, f"    {problem.fix}") if problem.fix else (first,)
