import { peopleRows } from "./people.ts";
import { playAll } from "./row.ts";

playAll("people", peopleRows);
