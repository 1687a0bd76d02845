import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // On a narrow screen rows are no table to CSS, and browsers then forget that they are one: roles say it again.
    warningFilter: (warning) => warning.code !== "a11y_no_redundant_roles",
  },
};
