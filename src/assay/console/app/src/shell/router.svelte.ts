/** Where the console is: path and query of the address, which is the only place that holds them. */

/** In the order in which they were written; `$` stays readable. */
export type Query = Readonly<Record<string, string>>;

class Route {
  path = $state(location.pathname);
  query: Query = $state.raw(readQuery(location.search));

  /** Path below `/`, by its parts: `/people/42` is `["people", "42"]`. */
  get parts(): string[] {
    return this.path.split("/").filter(Boolean).map(decodeURIComponent);
  }

  take(): void {
    this.path = location.pathname;
    this.query = readQuery(location.search);
  }
}

export const route = new Route();

/** Asked where another view is gone to: whoever keeps one here goes there with `go` once that is allowed. */
let keeper: ((href: string) => void) | null = null;

/** While somebody keeps this view, what would leave it is told to them and does not happen; `null` lets go. */
export function keepHere(told: ((href: string) => void) | null): void {
  keeper = told;
}

function kept(href: string): boolean {
  if (!keeper || new URL(href, location.origin).pathname === route.path) return false;
  keeper(href);
  return true;
}

/** Back and Forward have changed the address already: it is put right again. */
function onPopState(): void {
  const wanted = location.pathname + location.search;
  const here = hrefOf(route.path, route.query);
  if (kept(wanted)) history.pushState(null, "", here);
  else route.take();
}

export function startRouter(): void {
  window.addEventListener("popstate", onPopState);
  document.addEventListener("click", onClick);
}

/** Go to a view; `replace` where Back should not come here again, as while typing a filter. */
export function go(href: string, replace = false): void {
  if (kept(href)) return;
  if (href !== location.pathname + location.search) {
    if (replace) history.replaceState(null, "", href);
    else history.pushState(null, "", href);
  }
  route.take();
}

export function hrefOf(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== "");
  return path + (pairs.length ? "?" + pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join("&") : "");
}

/** The same view with these options changed; an empty text takes one away. */
export function withQuery(changes: Query): string {
  return hrefOf(route.path, { ...route.query, ...changes });
}

function escape(text: string): string {
  return encodeURIComponent(text).replaceAll("%24", "$").replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":");
}

function readQuery(search: string): Query {
  return Object.fromEntries(new URLSearchParams(search));
}

/** Links are links: they open in a new tab, and without this they would only load the page anew. */
function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest("a");
  if (!link || link.target || link.download || link.origin !== location.origin || link.pathname.startsWith("/v1.0/")) return;
  event.preventDefault();
  if (link.hash && link.pathname === location.pathname) {
    document.getElementById(link.hash.slice(1))?.focus();
    return;
  }
  go(link.pathname + link.search);
}
