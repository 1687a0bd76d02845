/** Sessions, in English and German. */

export const SESSIONS = {
  started: ["Started", "Begonnen"],
  lastSeen: ["Last seen", "Zuletzt gesehen"],
  ends: ["Ends", "Endet"],
  openConnections: ["Connections", "Verbindungen"],
  noSessions: ["Nobody is signed in.", "Niemand ist angemeldet."],
  sessionOver: ["This session is over.", "Diese Sitzung ist vorbei."],
} as const;
