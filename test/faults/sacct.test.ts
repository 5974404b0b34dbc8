import { playAll } from "./row.ts";
import { sacctRows } from "./sacct.ts";

playAll("sacct", sacctRows);
