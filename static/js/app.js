/* Behaviour that HTML, CSS and htmx cannot express. Nothing here is needed to work. */
import "./dom.js";
import "./toasts.js";
import "./requests.js";
import "./selection.js";
import "./panes.js";
import "./menus.js";
import "./dialogs.js";
import "./designer.js";
import "./charts.js";
import "./mail_frames.js";
import "./keyboard.js";
