import { playAll } from "./play.ts";
import { sacctRows } from "./sacct.ts";

playAll(sacctRows);
