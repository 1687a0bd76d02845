/** Light, dark, or as the system has it; kept in this browser. */

export type Theme = "system" | "light" | "dark";
const KEY = "assay-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

class Look {
  chosen: Theme = $state(stored());
  system = $state(dark.matches);

  get dark(): boolean {
    return this.chosen === "system" ? this.system : this.chosen === "dark";
  }
}

export const look = new Look();

export function applyTheme(): void {
  const root = document.documentElement.classList;
  root.toggle("dark", look.dark);
  root.toggle("light", !look.dark);
}

export function choose(theme: Theme): void {
  look.chosen = theme;
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme();
}

dark.addEventListener("change", () => {
  look.system = dark.matches;
  applyTheme();
});

function stored(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}
