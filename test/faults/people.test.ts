import { peopleRows } from "./people.ts";
import { playAll } from "./play.ts";

playAll(peopleRows);
