// Everything the pages need, started once. Each module finds its own elements by attributes, and
// listens on the document, so that parts swapped in later work without being announced.
import { startCombos } from "./combo.js";
import { startBoard } from "./board.js";
import { startCopy } from "./copy.js";
import { startCourier } from "./courier.js";
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
import { startTabs } from "./tabs.js";
import { startToasts } from "./toasts.js";
import { startWork } from "./work.js";
import { startCall } from "./call.js";
import { startArrange } from "./arrange.js";
import { startGroups } from "./groups.js";

// One name a line; later bindings of a key come first. A set: merged lists may say a name twice.
for (const start of new Set([
  startLook,
  startDialogs,
  startMenus,
  startToasts,
  startTabs,
  startCourier,
  startForms,
  startReveal,
  startRows,
  startBoard,
  startPeek,
  startPalette,
  startCombos,
  startHelp,
  startDoor,
  startCopy,
  startStream,
  startWork,
  startArrange,
  startCall,
  startGroups,
  startLive,
  startKeys,
])) start();
document.documentElement.dataset.ready = "";
