/** Apps and who may use them, as far as the console reads it. */

import type { Named } from "./page";

export interface Assignment {
  id: string;
  principalId: string;
  principalDisplayName: string;
  principalType: string;
  resourceId: string;
  resourceDisplayName: string;
}

export interface Application extends Named {
  createdDateTime: string;
  web: { homePageUrl: string };
  assay: {
    name: string;
    url: string;
    upstream: string;
    allowedOrigins: string[];
    publicPaths: string[];
    assignedUsers: Named[];
    assignedGroups: Named[];
  };
}
