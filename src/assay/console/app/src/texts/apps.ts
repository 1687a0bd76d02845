/** Apps, in English and German. */

export const APPS = {
  address: ["Address", "Adresse"],
  upstream: ["Upstream", "Ziel"],
  assignedPeople: ["People", "Personen"],
  assignedGroups: ["Assigned groups", "Zugewiesene Gruppen"],
  publicPaths: ["Public paths", "Öffentliche Pfade"],
  allowedOrigins: ["Allowed origins", "Erlaubte Ursprünge"],
  whoMay: ["Who may use it", "Wer sie nutzen darf"],
  openApp: ["Open the app", "App öffnen"],
  noApps: ["No app is protected yet: ./run assay apps protect URL --name NAME", "Noch ist keine App geschützt: ./run assay apps protect URL --name NAME"],
} as const;
