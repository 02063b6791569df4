// The repository's files and the names of its cases, for runners under Node.

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A file of the repository as bytes. */
export const read = async (path) => new Uint8Array(await readFile(root + path));

/** The names of all cases. */
export const names = readdirSync(root + "spec/alerts", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();
