import { playAll } from "./play.ts";
import { sbatchRows } from "./sbatch.ts";

playAll(sbatchRows);
