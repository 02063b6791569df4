// The cases of spec/alerts and spec/kibana on the npm package in Chromium, on the page and in a worker: node tests/browser/spec.mjs
//
// CHROMIUM names the browser. The repository is served as it is; the page imports the package from pkg/npm and the same runner
// as Node's tests.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { chromium } from "playwright-core";
import { folders, root } from "../spec/files.mjs";

const PAGE = "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>eqlite</title>";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const WORKER = `
  import { Correlator, init } from "/pkg/npm/dist/web.js";
  import { failures, loadCase } from "/tests/spec/cases.mjs";
  const read = async (path) => {
    const answer = await fetch("/" + path);
    if (!answer.ok) throw new Error(path + " is not there");
    return new Uint8Array(await answer.arrayBuffer());
  };
  self.run = async (folders) => {
    await init();
    const wrong = [];
    for (const folder of folders) for (const spec of await loadCase(folder, read)) wrong.push(...failures(Correlator, spec));
    return wrong;
  };
  self.onmessage = async ({ data }) => postMessage(await run(data));
`;

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://host");
  const made = { "/": ["text/html", PAGE], "/run.js": ["text/javascript", WORKER] }[pathname];
  const answer = made ?? [TYPES[extname(pathname)] ?? "application/octet-stream", await readFile(root + decodeURIComponent(pathname)).catch(() => null)];
  response.writeHead(answer[1] === null ? 404 : 200, { "content-type": answer[0] }).end(answer[1] ?? "");
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/expected\.ndjson|snapshot\.bin|404/.test(message.text() + message.location().url) && complaints.push(message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);

  const onPage = await page.evaluate(async (folders) => {
    await import("/run.js");
    return globalThis.run(folders);
  }, folders);
  const inWorker = await page.evaluate(
    (folders) =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/run.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(folders);
      }),
    folders,
  );
  // A browser whose WebAssembly has no vectors loads the other module.
  const old = await browser.newPage();
  const modules = [];
  old.on("request", (request) => request.url().endsWith(".wasm") && modules.push(request.url().split("/").at(-1)));
  await old.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await old.goto(`http://127.0.0.1:${server.address().port}/`);
  const withoutVectors = await old.evaluate(async (folders) => {
    await import("/run.js");
    return globalThis.run(folders);
  }, folders);
  assert.deepEqual(modules, ["eqlite.plain.wasm"]);
  for (const wrong of [...onPage, ...inWorker, ...withoutVectors]) console.log(`FAIL  ${wrong}`);
  assert.deepEqual(complaints, []);
  const wrong = [onPage, inWorker, withoutVectors].map((all) => all.length);
  assert.deepEqual(wrong, [0, 0, 0], "wrong on the page, in the worker, without vectors");
  console.log(`cases in Chromium: ${folders.length} on the page, in a worker, and on a page without vectors, all as expected`);
} finally {
  await browser.close();
  server.close();
}
