"""Cookies: malformed, doubled, huge, tossed in by a neighbour, of our names in disguise."""

from collections.abc import Callable, Sequence

from tests.gateway.attacks.attack import Attack, Where, both, frames, request

TITLE = "Cookies"
OURS = "__Host-assay-app"
Cookies = Callable[[str], Sequence[str]]


def _cookies(name: str, cell: str | tuple[str, str], make: Cookies) -> Attack:
    """`make` gets the good cookie's value and gives the Cookie headers; whatever of ours is in there must not pass."""

    def sent(where: Where) -> list[tuple[str, str]]:
        value = where.cookie.partition(";")[0].partition("=")[2]
        return [("cookie", each) for each in make(value)]

    return Attack(
        name=name,
        one=lambda where: request(where, headers=sent(where), cookie=False),
        two=lambda client, where: frames(client, where, sent(where), cookie=False),
        cells=both(cell),
        forbidden=("host-assay",),
    )


FALSE = "A" * 43
ATTACKS: tuple[Attack, ...] = (
    _cookies("ours and theirs: ours stays here", "clean", lambda good: [f"{OURS}={good}; theme=dark"]),
    _cookies("none", "401", lambda _: []),
    _cookies("a false one", "401", lambda _: [f"{OURS}={FALSE}"]),
    _cookies("an empty one", "401", lambda _: [f"{OURS}="]),
    _cookies("one letter more", "401", lambda good: [f"{OURS}={good}A"]),
    _cookies("one letter less", "401", lambda good: [f"{OURS}={good[:-1]}"]),
    _cookies("in quotes", "401", lambda good: [f'{OURS}="{good}"']),
    _cookies("escaped", "401", lambda good: [f"{OURS}={good[:-1]}%41"]),
    _cookies("spaces around `=`", "401", lambda good: [f"{OURS} = {good}"]),
    _cookies("a tab before the name", "clean", lambda good: [f"theme=dark;\t{OURS}={good}"]),
    _cookies("the name in lower case", "401", lambda good: [f"{OURS.lower()}={good}"]),
    _cookies("the name in upper case", "401", lambda good: [f"{OURS.upper()}={good}"]),
    _cookies("a nameless one (`==`)", "401", lambda good: [f"={OURS}={good}"]),
    _cookies("behind a comma", "401", lambda good: [f"theme=dark, {OURS}={good}"]),
    _cookies("twice: one was tossed in", "400", lambda good: [f"{OURS}={FALSE}; {OURS}={good}"]),
    _cookies("twice, the good one first", "400", lambda good: [f"{OURS}={good}; {OURS}={FALSE}"]),
    _cookies("twice the same", "400", lambda good: [f"{OURS}={good}; {OURS}={good}"]),
    _cookies("tossed in another case beside the good one", "clean", lambda good: [f"{OURS}={good}; {OURS.upper()}=x"]),
    _cookies("tossed without a name beside the good one", "clean", lambda good: [f"{OURS}={good}; ={OURS}=x"]),
    _cookies("two headers, a false one each", ("401", "400"), lambda _: [f"{OURS}={FALSE}", f"{OURS}={FALSE[1:]}B"]),
    _cookies("two headers, ours in the second", ("401", "clean"), lambda good: ["theme=dark", f"{OURS}={good}"]),
    _cookies("two headers, ours in the first", ("401", "clean"), lambda good: [f"{OURS}={good}", "theme=dark"]),
    _cookies("ours in both headers", ("401", "400"), lambda good: [f"{OURS}={good}", f"{OURS}={good}"]),
    _cookies(
        "180 headers (crumbs)", ("401", "clean"), lambda good: [f"{OURS}={good}", *(f"c{n}=1" for n in range(179))]
    ),
    _cookies("300 headers", ("431", "reset"), lambda good: [f"{OURS}={good}", *(f"c{n}=1" for n in range(299))]),
    _cookies("4,000 cookies", "clean", lambda good: [f"{OURS}={good}; " + "; ".join(f"c{n}=1" for n in range(4_000))]),
    _cookies("50 KiB", "clean", lambda good: [f"{OURS}={good}; big={'x' * 51_200}"]),
    _cookies("70 KiB", ("431", "reset"), lambda good: [f"{OURS}={good}; big={'x' * 71_680}"]),
    _cookies("only `;`", "401", lambda _: [";" * 10_000]),
    _cookies("only `=`", "401", lambda _: ["=" * 10_000]),
    _cookies("bytes that are no ASCII", "clean", lambda good: [f"{OURS}={good}; a=\xff\xfe"]),
    _cookies("NUL", ("400", "reset"), lambda good: [f"{OURS}={good}; a=\x00"]),
    _cookies("a bare CR", ("401", "reset"), lambda good: [f"{OURS}={good}\r{OURS}=x"]),
    _cookies(
        "our other cookies stay here too",
        "clean",
        lambda good: [f"{OURS}={good}; __Host-assay-id=x; __Host-assay-state=y"],
    ),
    _cookies(
        "a name of ours that does not exist stays here", "clean", lambda good: [f"{OURS}={good}; __Host-assay-new=x"]
    ),
)
