"""Names of simulated people, and the words their passwords are made of."""

from typing import Final

# First names are unique: they are the user names that people type in the demo.
FIRST: Final = (
    "Alice", "Amara", "Anders", "Bashir", "Beatriz", "Chen", "Clara", "Dagmar", "Davide", "Elif", "Emeka", "Farida",
    "Felix", "Greta", "Hana", "Hugo", "Ines", "Ivan", "Jamal", "Johanna", "Kaito", "Katrin", "Lamine", "Leila",
    "Lucia", "Magnus", "Maya", "Milan", "Nadia", "Niall", "Olena", "Omar", "Paola", "Pavel", "Priya", "Quentin",
    "Rafael", "Rosa", "Samir", "Sofia", "Tariq", "Tove", "Ursula", "Viktor", "Wanjiru", "Xenia", "Yusuf", "Zofia",
)  # fmt: skip
LAST: Final = (
    "Abbasi", "Adeyemi", "Almeida", "Andersen", "Bauer", "Bianchi", "Castro", "Demir", "Dubois", "Eriksen", "Fischer",
    "Garcia", "Haddad", "Horvat", "Ibrahim", "Ivanova", "Jansen", "Kaya", "Keller", "Kowalski", "Larsen", "Lindqvist",
    "Marino", "Mbeki", "Moreau", "Nakamura", "Novak", "Okafor", "Olsen", "Patel", "Petrov", "Quispe", "Rossi",
    "Sato", "Schmidt", "Silva", "Tanaka", "Turner", "Ulrich", "Varga", "Wagner", "Walsh", "Yilmaz", "Zhang",
)  # fmt: skip
# 64 words: six bits each.
WORDS: Final = (
    "amber", "anchor", "apple", "arrow", "autumn", "badger", "bamboo", "barrel", "basalt", "beacon", "birch", "bridge",
    "candle", "canyon", "cedar", "cherry", "cobalt", "copper", "coral", "cotton", "crane", "dagger", "desert", "ember",
    "falcon", "fennel", "forest", "garnet", "ginger", "glacier", "granite", "harbor", "hazel", "heron", "island",
    "ivory", "jasper", "juniper", "kettle", "ladder", "lantern", "lemon", "linen", "maple", "marble", "meadow",
    "mirror", "nectar", "ocean", "olive", "orchid", "otter", "pepper", "pewter", "pigeon", "quartz", "river", "saddle",
    "saffron", "silver", "thistle", "timber", "velvet", "willow",
)  # fmt: skip
WORDS_IN_PASSWORD: Final = 6


def passphrase(random: bytes) -> str:
    """Six words (36 bits) from as many random bytes: not guessable at a sign-in page, and possible to type."""
    return "-".join(WORDS[octet % len(WORDS)] for octet in random[:WORDS_IN_PASSWORD])
