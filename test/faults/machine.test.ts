import { daemonRows } from "./daemons.ts";
import { diskRows } from "./disks.ts";
import { folderRows } from "./folders.ts";
import { peopleRows } from "./people.ts";
import { playAll } from "./play.ts";

playAll([...diskRows, ...daemonRows, ...folderRows, ...peopleRows]);
