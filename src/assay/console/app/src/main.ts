import "./style/base.css";
import "./style/frame.css";
import "./style/controls.css";
import "./style/lists.css";
import "./style/panel.css";
import "./style/pages.css";
import "./style/editor.css";
import "./style/overview.css";
import "./style/dialogs.css";
import "./style/narrow.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { language } from "./text";
import { applyTheme } from "./shell/theme.svelte";

document.documentElement.lang = language;
applyTheme();
mount(App, { target: document.getElementById("app") as HTMLElement });
