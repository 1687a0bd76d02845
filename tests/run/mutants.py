"""Mutants of a module: its source with one small change each, as `ast` trees."""

import ast
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
# Of these nothing is decided: annotations, a class's own keywords, decorators.
_LEFT_ALONE = {
    ast.AnnAssign: {"annotation"},
    ast.arg: {"annotation"},
    ast.FunctionDef: {"returns", "decorator_list"},
    ast.ClassDef: {"keywords", "decorator_list"},
}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is in the source, and what it says before and after."""

    line: int
    before: str
    after: str
    node: int  # its number in the walk
    choice: int


def mutants(source: str) -> tuple[Mutant, ...]:
    """Every mutant of a source, in its order."""
    found = []
    for number, (_, _, _, node) in enumerate(_walk(ast.parse(source))):
        for choice, changed in enumerate(_changes(node)):
            line = getattr(node, "lineno", 0)
            found.append(Mutant(line, _text(node), _text(changed), number, choice))
    return tuple(found)


def tree_of(source: str, mutant: Mutant) -> ast.Module:
    """The changed module, ready to compile."""
    tree = ast.parse(source)
    parent, field, position, node = next(itertools.islice(_walk(tree), mutant.node, None))
    changed = next(itertools.islice(_changes(node), mutant.choice, None))
    ast.copy_location(changed, node)
    if position is None:
        setattr(parent, field, changed)
    else:
        getattr(parent, field)[position] = changed
    return ast.fix_missing_locations(tree)


Place = tuple[ast.AST, str, int | None, ast.AST]  # parent, field, position in it, node


def _walk(parent: ast.AST) -> Iterator[Place]:
    for field, value in ast.iter_fields(parent):
        if field in _LEFT_ALONE.get(type(parent), ()):
            continue
        several = value if isinstance(value, list) else [value]
        for position, node in enumerate(several):
            if isinstance(node, ast.AST):
                yield parent, field, position if isinstance(value, list) else None, node
                yield from _walk(node)


def _text(node: ast.AST) -> str:
    said = " ".join(ast.unparse(node).split())
    return said if len(said) <= 100 else f"{said[:97]}..."


def _changes(node: ast.AST) -> Iterable[ast.AST]:
    """What may stand in the place of a node."""
    match node:
        case ast.Compare(left=left, ops=operators, comparators=comparators):
            for index, operator in enumerate(operators):
                if type(operator) in _COMPARISONS:
                    changed = [*operators[:index], _COMPARISONS[type(operator)](), *operators[index + 1 :]]
                    yield ast.Compare(left, changed, comparators)
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            for index in range(len(values)):
                rest = values[:index] + values[index + 1 :]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(operator, rest)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            yield ast.BinOp(left, _OPERATORS[type(operator)](), right)
            yield left
        case ast.AugAssign(target=target, op=operator, value=value) if type(operator) in _OPERATORS:
            yield ast.AugAssign(target, _OPERATORS[type(operator)](), value)
        case _:
            yield from _changes_of_values(node)


def _typing(elements: list[ast.expr]) -> bool:
    """Whether it is what a generic type is given, or a pair that is unpacked: no table of ours."""
    return not all(isinstance(element, ast.Starred | ast.Attribute | ast.Tuple) for element in elements)


def _changes_of_values(node: ast.AST) -> Iterable[ast.AST]:
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Tuple(elts=[_, _, *_] as elements, ctx=ast.Load()) if not _typing(elements):
            for index in range(len(elements)):
                yield ast.Tuple(elements[:index] + elements[index + 1 :], ast.Load())
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        # None in the place of False changes nothing; True, False and None are changed as constants.
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.comprehension(target=target, iter=source, ifs=[_, *_] as tests, is_async=is_async):
            for index in range(len(tests)):
                yield ast.comprehension(target, source, tests[:index] + tests[index + 1 :], is_async)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in _CALLS:
            yield ast.Call(ast.Name(_CALLS[name], ast.Load()), arguments, keywords)
