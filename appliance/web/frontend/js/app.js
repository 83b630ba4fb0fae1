// Everything the pages need, started once. Each module finds its own elements by attributes, and
// listens on the document, so that parts swapped in later work without being announced.
import { startCombos } from "./combo.js";
import { startBoard } from "./board.js";
import { startDialogs } from "./dialogs.js";
import { startDoor } from "./door.js";
import { startForms } from "./forms.js";
import { startHelp } from "./help.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startLook } from "./look.js";
import { startMenus } from "./menus.js";
import { startPalette } from "./palette.js";
import { startPeek } from "./peek.js";
import { startReveal } from "./reveal.js";
import { startRows } from "./rows.js";
import { startStream } from "./stream.js";
import { startToasts } from "./toasts.js";
import { startWork } from "./work.js";

for (const start of [
  startLook, startDialogs, startMenus, startToasts, startForms, startReveal,
  startRows,
  startPeek,
  startPalette,
  startCombos,
  startHelp,
  startDoor,
  startKeys,
  startLive,
  startRows, startBoard, startPeek, startPalette, startHelp, startDoor, startKeys,
  startRows, startPeek, startPalette, startHelp, startDoor, startStream, startKeys,
]) start();
document.documentElement.dataset.ready = "";
