import { playAll } from "./play.ts";
import { squeueRows } from "./squeue.ts";

playAll(squeueRows);
