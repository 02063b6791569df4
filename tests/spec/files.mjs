// The repository's files and the folders of its cases, for runners under Node.

import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A file of the repository as bytes. */
export const read = async (path) => new Uint8Array(await readFile(root + path));

/** The folders of all cases that every host runs. */
export const folders = ["spec/alerts", "spec/kibana"]
  .flatMap((spec) => readdirSync(root + spec).map((name) => `${spec}/${name}`))
  .filter((folder) => existsSync(`${root}${folder}/case.json`))
  .sort();
