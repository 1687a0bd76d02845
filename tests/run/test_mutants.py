"""What `./run mutation` changes in a source, and what it leaves alone."""

import ast

from tests.run.mutants import mutants, tree_of

SOURCE = """
def found(a: int | None, b: set[int]) -> int | None:
    return max((x for x in b - {3} if x is not a), default=None)
"""


def test_each_mutant_is_one_change_of_what_is_computed() -> None:
    said = {ast.unparse(tree_of(SOURCE, mutant)).strip().splitlines()[-1].strip() for mutant in mutants(SOURCE)}
    assert said == {
        "return None",
        "return min((x for x in b - {3} if x is not a), default=None)",
        "return max((x for x in b - {3}), default=None)",
        "return max((x for x in b - {3} if x is a), default=None)",
        "return max((x for x in b + {3} if x is not a), default=None)",
        "return max((x for x in b if x is not a), default=None)",
        "return max((x for x in b - {4} if x is not a), default=None)",
        "return max((x for x in b - {2} if x is not a), default=None)",
    }
