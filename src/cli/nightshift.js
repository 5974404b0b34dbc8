#!/usr/bin/env node
// The launcher: plain JavaScript that imports nothing before it has looked at the Node it runs on, so that an old one
// gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `nightshift needs Node.js 20.19 or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      "On a cluster try `module avail node`, or install one into your home folder, e.g. with `conda install nodejs` or nvm.\n",
  );
  process.exitCode = 2;
} else {
  import("../../dist/nightshift.js").catch((error) => {
    const isUnbuilt = error.code === "ERR_MODULE_NOT_FOUND";
    process.stderr.write(isUnbuilt ? "nightshift is not built yet: run `npm ci` (or `npm run build`) in its folder.\n" : `${error.stack}\n`);
    process.exitCode = isUnbuilt ? 2 : 1;
  });
}
