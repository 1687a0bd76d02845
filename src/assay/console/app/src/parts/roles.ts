/** Which roles carry a permission, for the sentence that says what is missing (docs/api.md). */

const READERS = ["Global Administrator", "Global Reader", "Security Administrator", "Security Reader"];
const ACCESS = "Conditional Access Administrator";
const USERS = "User Administrator";
const DIRECTORY = ["Application Administrator", "Directory Readers"];

const ROLES: Record<string, readonly string[]> = {
  "User.Read.All": [...READERS, USERS, "Helpdesk Administrator", ACCESS, ...DIRECTORY],
  "User.ReadWrite.All": ["Global Administrator", USERS],
  "User.RevokeSessions.All": ["Global Administrator", "Security Administrator", USERS, "Helpdesk Administrator"],
  "Group.Read.All": [...READERS, USERS, ACCESS, ...DIRECTORY],
  "Application.Read.All": [...READERS, ACCESS, ...DIRECTORY],
  "AuditLog.Read.All": [...READERS, "Reports Reader", ACCESS],
  "Decision.Read.All": [...READERS, "Reports Reader", ACCESS],
  "Organization.Read.All": [...READERS, "Reports Reader", ACCESS],
  "Policy.Read.All": [...READERS, ACCESS],
  "Policy.ReadWrite.ConditionalAccess": ["Global Administrator", "Security Administrator", ACCESS],
  "Session.Read.All": READERS,
  "Session.Revoke.All": ["Global Administrator", "Security Administrator"],
};

export function rolesWith(permission: string): readonly string[] {
  return ROLES[permission] ?? ["Global Administrator"];
}
