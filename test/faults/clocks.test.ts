import { clockRows } from "./clocks.ts";
import { playAll } from "./play.ts";

playAll(clockRows);
