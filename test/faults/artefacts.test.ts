import { artefactRows } from "./artefacts.ts";
import { playAll } from "./play.ts";

playAll(artefactRows);
