import { playAll } from "./row.ts";
import { sbatchRows } from "./sbatch.ts";

playAll("sbatch", sbatchRows);
