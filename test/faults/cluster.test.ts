import { artefactRows } from "./artefacts.ts";
import { clockRows } from "./clocks.ts";
import { playAll } from "./play.ts";
import { sacctRows } from "./sacct.ts";
import { sbatchRows } from "./sbatch.ts";
import { squeueRows } from "./squeue.ts";

playAll([...sbatchRows, ...squeueRows, ...sacctRows, ...artefactRows, ...clockRows]);
