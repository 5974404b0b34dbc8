import { clockRows } from "./clocks.ts";
import { playAll } from "./row.ts";

playAll("clocks", clockRows);
