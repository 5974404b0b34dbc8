import { folderRows } from "./folders.ts";
import { playAll } from "./play.ts";

playAll(folderRows);
