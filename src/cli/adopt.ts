import type { Command } from "commander";

import { adoptAsNew, adoptMoved, whyNotAdopted } from "../daemon/adopt.ts";
import { assemble } from "../main.ts";
import { describeAdoption } from "../report/adoption.ts";
import { mirrorIn } from "../state/mirror.ts";
import { withLease } from "./own-lease.ts";
import { findExperimentFolder } from "./target.ts";
import { tell } from "./tell.ts";
import { who } from "./who.ts";
import { WrongUse } from "./wrong-use.ts";

/** `nightshift adopt`: a folder that was moved, or a copy that is to be an experiment of its own. */
export function addAdopt(program: Command): void {
  program.command("adopt")
    .description("go on with an experiment whose folder was moved or renamed; or, with --as-new, make a copy of one an experiment of its own. Submits nothing")
    .argument("[experiment]", "its folder; by default the current one")
    .option("--as-new", "this is a copy: nothing of the original's jobs counts here, and it is held until you release it")
    .addHelpText("after", "\nExample:\n  cp -r cap_sweep cap_sweep_seed2 && nightshift adopt --as-new cap_sweep_seed2")
    .action(async (experiment: string | undefined, { asNew = false }: { asNew?: boolean }) => { tell(await adopt(findExperimentFolder(experiment), asNew)); });
}

async function adopt(folder: string, asNew: boolean): Promise<string> {
  const { world, stateFolder } = await assemble({ flags: {}, roots: [folder], looksOnly: true });
  const mirror = mirrorIn(stateFolder);
  // Before the lease, which would leave something of ours in a folder that is not.
  const adoption = whyNotAdopted(folder, mirror, asNew) ?? await withLease(folder, "adopt", {}, async () => (asNew ? adoptAsNew(folder, world, mirror, who()) : adoptMoved(folder, world, mirror, who())));
  const { kind, text } = describeAdoption(adoption, folder);
  if (kind === "obstacle") throw new WrongUse(text);
  return text;
}
