import { expect, test } from "vitest";

import { parseSubmitterCommand } from "../../src/experiment/parse-submitter-command.ts";

test.each<[string, string, readonly string[]]>([
  ["python -m cruijff_kit.tools.run.submit_torchtune /exp", "submit_torchtune", ["/exp"]],
  ["/home/ada/.conda/envs/cruijff/bin/python3.13 -u -m cruijff_kit.tools.run.submit_inspect --max-submit 10 .", "submit_inspect", ["--max-submit", "10", "."]],
  ["python -um cruijff_kit.tools.run.submit_inspect /exp", "submit_inspect", ["/exp"]],
  ["python -mcruijff_kit.tools.run.submit_inspect /exp", "submit_inspect", ["/exp"]],
  ["python -X dev -W ignore -Wm -m cruijff_kit.tools.run.submit_torchtune /exp --resume-monitor", "submit_torchtune", ["/exp", "--resume-monitor"]],
  ["python3 /home/ada/cruijff_kit/src/tools/run/submit_torchtune.py ../exp", "submit_torchtune", ["../exp"]],
  ["/env/bin/python /env/bin/submit_inspect /exp", "submit_inspect", ["/exp"]],
  ["pypy3 -m submit_torchtune /exp", "submit_torchtune", ["/exp"]],
])("%s submits", (command, program, words) => {
  expect(parseSubmitterCommand(command.split(" "))).toEqual({ program, words });
});

test.each([
  [["python", "-m", "cruijff_kit.tools.run.status", "/exp"]],
  [["python", "-m", "cruijff_kit.tools.run.resubmit_torchtune", "/exp"]],
  [["python", "-m", "cruijff_kit.tools.run.submit_torchtune.helpers", "/exp"]],
  [["python", "-m"]],
  [["python", "-c", "import cruijff_kit.tools.run.submit_torchtune", "/exp"]],
  [["python", "train.py", "-m", "cruijff_kit.tools.run.submit_torchtune", "/exp"]],
  [["bash", "-c", "python -m cruijff_kit.tools.run.submit_torchtune /exp"]],
  [["screen", "-S", "night", "python", "-m", "cruijff_kit.tools.run.submit_torchtune", "/exp"]],
  [["vim", "submit_torchtune.py", "/exp"]],
  [["tail", "-f", "/exp/logs/run-torchtune.log"]],
  [["python"]],
  [[""]],
  [[]],
])("%j submits nothing itself", (words) => {
  expect(parseSubmitterCommand(words)).toBeUndefined();
});
