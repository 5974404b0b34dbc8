import { daemonRows } from "./daemons.ts";
import { playAll } from "./play.ts";

playAll(daemonRows);
