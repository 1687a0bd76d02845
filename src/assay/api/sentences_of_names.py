"""Sentences for names and addresses that nobody can be given, with what to do instead."""

from typing import Final

from assay.values.text import _

_SHORTER: Final = _("choose a shorter one")
_WITHOUT: Final = _("leave it out")
_LETTERS: Final = _("use letters, digits and . - _ @ + ' between them")

NAME_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "userNameEmpty": (_("a user name has at least one character"), _LETTERS),
    "userNameTooLong": (_("a user name has at most {maximum} characters"), _SHORTER),
    "userNameCharacter": (_("the user name holds {character}, which no user name may hold"), _LETTERS),
    "userNameEnds": (_("a user name begins and ends with a letter or a digit"), _LETTERS),
    "userNameAt": (_("a user name holds one @ at most"), _LETTERS),
    "userNameDirection": (
        _("a user name is written in one direction: this one would be shown in another order than it is compared"),
        _("use letters of one script"),
    ),
    "userNameScripts": (
        _("this user name mixes scripts that look alike, so that it could be taken for another one"),
        _("use letters of one script"),
    ),
    "displayNameEmpty": (_("a display name has at least one character"), _("give one with --display-name")),
    "displayNameTooLong": (_("a display name has at most {maximum} characters"), _SHORTER),
    "displayNameCharacter": (_("the display name holds a character that cannot be shown"), _WITHOUT),
    "emailMalformed": (
        _("no message can be sent to this address"),
        _("give one such as alice@example.com: plain letters, digits and signs such as . + - before the @"),
    ),
    "languageMalformed": (_("this is no language"), _("give a tag such as en, de or pt-BR")),
    "idMalformed": (_("this is no id"), _("give the id as lists show it, or the name")),
    "groupNameEmpty": (_("a group's name has at least one character"), _("give it a name")),
    "groupNameTooLong": (_("a group's name has at most {maximum} characters"), _SHORTER),
    "groupNameCharacter": (_("the group's name holds a character that cannot be shown"), _WITHOUT),
    "groupDescriptionTooLong": (_("a description has at most {maximum} characters"), _SHORTER),
    "groupDescriptionCharacter": (_("the description holds a character that cannot be shown"), _WITHOUT),
}
