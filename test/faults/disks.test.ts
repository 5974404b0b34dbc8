import { diskRows } from "./disks.ts";
import { playAll } from "./play.ts";

playAll(diskRows);
