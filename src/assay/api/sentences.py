"""Sentences for the reasons by which an administrator's change was not made, with what to do next."""

from typing import Final

from assay.api.sentences_of_names import NAME_SENTENCES
from assay.values import Reason
from assay.values.text import _

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    **NAME_SENTENCES,
    "lastAdministrator": (
        _("this would leave no enabled Global Administrator"),
        _("give the role to somebody else first: assay users roles assign 'Global Administrator' --user NAME"),
    ),
    "wouldLockOut": (
        _(
            "with these policies no Global Administrator could reach the console or the own pages; "
            "{person} for one would be refused by: {policies}"
        ),
        _("exclude an administrator, or register a method that satisfies the policies; then try again"),
    ),
    "invariantBroken": (
        _("this would break an invariant of the owner: {invariants}"),
        _("change the policies so that it holds, or say why it need not: --override REASON"),
    ),
    "invariantNotKnown": (
        _("whether an invariant of the owner still holds is not known: {invariants}"),
        _("see docs/proofs.md for what cannot be proved; or say why it may be done: --override REASON"),
    ),
    "keptChanging": (
        _("what this change stands on changed again and again while it was checked"),
        _("try again"),
    ),
    "policyUndecided": (
        _("parts of this policy are not decided by this release: {paths}"),
        _("leave it in report-only, or write a policy without these parts"),
    ),
    "policyDangling": (
        _("the policy names what does not exist here: {references}"),
        _("map each id with --map OLD=NEW, or accept with --waive OLD that it means nobody"),
    ),
    "policyUnenforced": (
        _("this would bring into a policy that is on what this gateway cannot ask for or keep: {paths}"),
        _("switch it to report-only, change it, look at what it would do, and switch it on: assay policy on NAME"),
    ),
    "definitionTooLarge": (
        _("{name} has {size} bytes, more than the {maximum} that can be kept with each change"),
        _("name groups in the place of many people or apps, or make several of it"),
    ),
    "rolloutOpen": (
        _("{name} is being rolled out, and going back would undo this change unseen"),
        _("end the rollout first: assay policy roll-out confirm '{name}', advance, or back until it is over"),
    ),
    "rolloutUnconfirmed": (
        _("the last step of {name} is not confirmed"),
        _("confirm it: assay policy roll-out confirm '{name}'; or go back: assay policy roll-out back '{name}'"),
    ),
    "rolloutConfirmed": (
        _("nothing of {name} waits to be confirmed"),
        _("look at it with: assay policy roll-out show '{name}'"),
    ),
    "rolloutNoWay": (_("from the stage {stage} there is no such step"), _("confirm it, or go back")),
    "rolloutTooManySteps": (
        _("a rollout has at most {maximum} steps"),
        _("go back, or on to everybody: assay policy roll-out advance NAME --everyone"),
    ),
    "rolloutNothingNew": (
        _("{name} is on already, with this text"),
        _("name a file with the new text: assay policy roll-out start FILE --of '{name}'"),
    ),
    "rolloutMoved": (
        _("the rollout of {name} took another step meanwhile"),
        _("look at it with: assay policy roll-out show '{name}'"),
    ),
    "rolloutNobody": (
        _("nobody whom {name} is about is in this cohort"),
        _("choose another group, or a larger share; or go on to everybody with --everyone"),
    ),
    "rolloutTooManyPeople": (
        _("{count} people are more than a cohort can have, which is {maximum}"),
        _("choose a smaller group or share; or go on to everybody with --everyone"),
    ),
    "rolloutPeopleUnknown": (
        _("whom {name} is about is not known, because a part of its conditions on people is not decided"),
        _("write a policy without that part"),
    ),
    "rolloutDangling": (
        _("the new text of {name} names what does not exist here: {references}"),
        _("go back (assay policy roll-out back NAME), and start again with --map OLD=NEW or --waive OLD"),
    ),
    "rolloutRefusesAdministrators": (
        _("{name} refused administrators whom nothing else refused: {people}"),
        _("look at why: assay explain {decision}; exclude them, or go on all the same with --anyway"),
    ),
    "rolloutWouldRefuseAdministrators": (
        _("{name} would have refused administrators whom nothing else refused: {people}"),
        _("look at why: assay explain {decision}; exclude them, or go on all the same with --anyway"),
    ),
    "userDisabled": (_("the person is disabled"), _("enable the person first: assay users enable NAME")),
    "passLifetime": (_("an enrolment link lives between 10 minutes and 30 days"), _("choose another --expires")),
    "methodUnknown": (
        _("the person has no method {method}"),
        _("list them with: assay users methods list NAME"),
    ),
    "resetNobody": (
        _("there is no such person or reset"),
        _("give the exact user name, or an id of: assay users reset list"),
    ),
    "resetReason": (_("a reset needs a reason of at most {maximum} characters"), _("say why with --reason")),
    "resetOpen": (
        _("a reset of this person is open already"),
        _("approve it, or call it off: assay users reset cancel ID"),
    ),
    "resetOver": (_("this reset is over, or its link is out already"), _("ask anew: assay users reset request NAME")),
    "resetApprovedAlready": (_("you have approved this already"), _("hand the link out: assay users reset link ID")),
    "resetSecondPerson": (
        _("somebody else has to approve what you asked for"),
        _("ask another host user or the help-desk; root may approve alone with --reason"),
    ),
    "resetNotYours": (_("the link is for those who asked or approved"), _("let one of them hand it out")),
    "resetRoleLost": (_("somebody who asked or approved may not do that any more"), _("call it off, and ask anew")),
    "resetNotApproved": (_("nobody has approved this yet"), _("assay users reset approve ID")),
    "resetWaits": (
        _("the person has until {until} to object"),
        _("wait, or let a second person approve"),
    ),
    "groupCycle": (_("a group cannot be in itself, also not through other groups"), _("nest them the other way round")),
    "groupTooDeep": (_("groups can be nested {maximum} deep"), _("put the people into a group further out")),
    "hasMethods": (
        _("{user} has sign-in methods already, and a link beside them would be a recovery by one person alone"),
        _("have two people reset them: assay users reset request {user}; or answer for it alone, with --recover"),
    ),
    "damageOfLog": (
        _("a row of {table} is what happened, and nothing is decided by it: lists leave it out, and it stays"),
        _("look at the log as a whole: assay events verify"),
    ),
    "damageLoosens": (
        _("without this row of {table} more may be allowed than with it"),
        _("restore a backup (docs/backup.md); or look at what it held, say --loosens, and make it anew at once"),
    ),
    "breakGlassAccount": (
        _("this is an emergency access account: it is not disabled, removed, renamed, reset, or taken its role"),
        _("end its sessions with: assay sessions revoke; give it new keys with: assay break-glass enrol N --replace"),
    ),
    "breakGlassReviewed": (_("this use is reviewed already"), _("see: assay break-glass reviews --all")),
    "messageInHand": (_("the message is being sent at this moment"), _("wait a minute and look again")),
    "permissionMissing": (
        _("your roles do not give you the permission {permission}"),
        _("ask somebody who administers here for a role that does; docs/api.md lists them"),
    ),
    "subjectPrivileged": (
        _("this person holds a privileged role"),
        _("only a Global Administrator may change, disable or sign out such a person"),
    ),
    "groupInUse": (_("policies name this group: {policies}"), _("change or remove these policies first")),
    "locationTrusted": (
        _("the location is trusted: policies may mean it without naming it"),
        _("mark it as not trusted first: assay locations edit NAME --untrusted"),
    ),
    "locationInUse": (_("policies name this location: {policies}"), _("change or remove these policies first")),
    "strengthInUse": (_("policies demand this strength: {policies}"), _("change or remove these policies first")),
    "contextInUse": (_("policies are about this context: {policies}"), _("change or remove these policies first")),
    "changedMeanwhile": (
        _("it was changed since you read it"),
        _("read it again, and make your change on what is there now"),
    ),
    "mfaAndStrength": (
        _("mfa and authenticationStrength stand together"),
        _("demand one of them: the strength “Multifactor authentication” is mfa"),
    ),
    "blockAndMore": (_("block stands beside other controls"), _("block alone, or write two policies")),
    "passwordChangeLoose": (
        _("passwordChange stands alone, or in a policy that is not about user risk on all apps"),
        _("demand it with mfa or a strength by AND, of user risk levels alone, on all apps without exclusions"),
    ),
    "programAsked": (_("a program cannot be asked for anything"), _("demand block alone of clientApplications")),
    "severalTargets": (
        _("a policy is about apps, user actions or authentication contexts, and this one about several"),
        _("write a policy for each"),
    ),
    "persistentBrowserSomewhere": (
        _("persistentBrowser is kept for all apps or for none"),
        _("write a policy that includes All applications"),
    ),
}


def sentence(reason: Reason) -> tuple[str, str]:
    """What went wrong and what to do next; a reason without a sentence is told by its code."""
    message, remedy = SENTENCES.get(reason.code, (reason.code, ""))
    parameters = dict(reason.parameters)
    return _filled(message, parameters), _filled(remedy, parameters)


def _filled(message: str, parameters: dict[str, str]) -> str:
    for name, value in parameters.items():
        message = message.replace(f"{{{name}}}", value)
    return message
