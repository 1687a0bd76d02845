/** Of every answer: a page of a collection, a name, who asks, and what a search found, as far as the console reads it. */

export interface Page<T> {
  value: T[];
  "@odata.count"?: number;
  "@odata.nextLink"?: string;
}

export interface Me {
  user: { id: string; userPrincipalName: string; displayName: string } | null;
  sessionId: string | null;
  roles: { id: string; displayName: string }[];
  permissions: string[];
  organization: { id: string; baseDomain: string };
  version: string;
  demo: boolean;
}

export interface Named {
  id: string;
  displayName: string;
}

export interface Hit {
  kind: string;
  id: string;
  title: string;
  subtitle: string;
  href: string;
}
