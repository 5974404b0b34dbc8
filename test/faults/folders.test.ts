import { folderRows } from "./folders.ts";
import { playAll } from "./row.ts";

playAll("folders", folderRows);
