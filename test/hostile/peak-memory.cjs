// Loaded into a process by NODE_OPTIONS: writes down at its end how much memory it has held at most, in KiB.
process.on("exit", () => {
  require("node:fs").appendFileSync(process.env.PEAK_MEMORY, `${process.resourceUsage().maxRSS}\n`);
});
