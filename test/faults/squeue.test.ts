import { playAll } from "./row.ts";
import { squeueRows } from "./squeue.ts";

playAll("squeue", squeueRows);
