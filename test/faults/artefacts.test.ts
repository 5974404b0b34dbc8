import { artefactRows } from "./artefacts.ts";
import { playAll } from "./row.ts";

playAll("artefacts", artefactRows);
