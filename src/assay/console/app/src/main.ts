import "./app.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { language } from "./text";
import { applyTheme } from "./shell/theme.svelte";

document.documentElement.lang = language;
applyTheme();
mount(App, { target: document.getElementById("app") as HTMLElement });
