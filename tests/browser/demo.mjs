// The demo page in a real browser: node tests/browser/demo.mjs [PAGE]   (default pkg/demo, as `cargo xtask build` leaves it;
// CHROMIUM names the browser)
//
// Looks at what a person would see: the alerts of the sample, a dropped file, pasted text, a bad line, a refused rule, the keyboard, and a
// log of many thousand events. Screenshots go to target/screenshots. Anything that the browser logs as an error fails the test.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../.."), built = process.argv[2] ?? join(root, "pkg/demo"), shots = join(root, "target/screenshots");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".log": "text/plain", ".ndjson": "text/plain", ".toml": "text/plain" };
const sample = (name) => readFileSync(join(root, "samples", name), "utf8");
mkdirSync(shots, { recursive: true });

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://host").pathname)).replace(/\/$/, "/index.html");
  try {
    const body = readFileSync(join(built, path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const complaints = [];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
const page = await context.newPage();
page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(`${message.type()}: ${message.text()}`));
page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack}`));
page.on("request", (request) => new URL(request.url()).origin === new URL(address).origin || /^(data|blob):/.test(request.url()) || complaints.push(`asked for ${request.url()}`));

const idle = () => page.waitForFunction(() => document.body.dataset.ready === "true", null, { timeout: 60_000 });
const text = (selector) => page.locator(selector).innerText();
const shot = (name) => page.screenshot({ path: join(shots, `demo-${name}.png`) });
const alerts = () => page.locator(".alert").count();
/** Does something that starts a run, and waits for its end. */
const run = async (action) => {
  await page.evaluate(() => (document.body.dataset.ready = "false"));
  await action();
  await idle();
};
const drop = (name, content) =>
  run(() =>
    page.evaluate(([name, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], name));
      for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, [name, content]),
  );
const paste = (content) =>
  run(async () => {
    await page.click("#paste");
    await page.fill("#paste-text", content);
    await page.click("#paste-read");
  });

const steps = {
  async "the sample's alerts appear, each with its three events"() {
    await page.goto(address);
    await idle();
    assert.equal(await alerts(), 5);
    assert.deepEqual(await page.locator(".alert .event").count(), 15);
    const first = page.locator(".alert").first();
    assert.match(await first.innerText(), /Potential Reverse Shell via UDP/);
    assert.match(await first.locator(".who").innerText(), /bash.*pid.*4338.*parent.*4337.*web-01/);
    assert.deepEqual(await first.locator(".call").allInnerTexts(), ["socket", "connect", "execve"]);
    assert.equal(await text("#count-alerts"), "5");
    assert.equal(await text("#count-problems"), "0");
    await shot("light");
  },
  async "an event of an alert leads to its row"() {
    await page.locator(".alert").nth(1).locator(".event").last().click();
    const row = page.locator('.row[aria-selected="true"]');
    assert.match(await row.innerText(), /connect/);
    assert.match(await row.innerText(), /10\.20\.0\.21:8125/);
    assert.ok(await row.isVisible());
    await page.waitForFunction(() => /type=SYSCALL/.test(document.getElementById("details-text").textContent));
    await page.click('[data-form="document"]');
    assert.equal(JSON.parse(await text("#details-text")).process.pid, 4740);
    await shot("details");
    await page.click('[data-form="lines"]');
    await page.click("#close-details");
  },
  async "marked rows have a shape and a number, not only a colour"() {
    await page.click('[data-filter="alerts"]');
    assert.equal(await page.locator(".row:not([hidden])").count(), 15);
    assert.equal(await page.locator(".row:not([hidden]) .mark text").count(), 15);
    assert.equal(new Set(await page.locator(".row:not([hidden]) .mark path").evaluateAll((paths) => paths.map((path) => path.getAttribute("d")))).size, 3);
    await page.click('[data-filter="matched"]');
    assert.ok((await page.locator(".row:not([hidden])").count()) > 15);
    await page.fill("#search", "198.51.100.23");
    await page.waitForFunction(() => document.querySelectorAll(".row:not([hidden])").length === 3);
    await page.fill("#search", "");
    await page.click('[data-filter="all"]');
  },
  async "the keyboard moves, and finds the next match"() {
    await page.focus("#list");
    await page.keyboard.press("Home");
    assert.equal(await page.getAttribute("#list", "aria-activedescendant"), "row-0");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.getAttribute("#list", "aria-activedescendant"), "row-1");
    await page.keyboard.press("n");
    assert.ok(await page.locator('.row[aria-selected="true"] .mark').count());
    await page.keyboard.press("End");
    assert.ok(await page.locator('.row[aria-selected="true"]').isVisible());
    await page.keyboard.press("Enter");
    assert.ok(await page.isVisible("#details"));
    await page.click("#close-details");
  },
  async "a dropped file is read, and its bad lines are told of"() {
    await drop("trouble.ndjson", sample("trouble.ndjson"));
    assert.equal(await text("#source-name"), "trouble.ndjson");
    assert.equal(await alerts(), 1);
    await page.click("#tab-problems");
    assert.deepEqual(await page.locator("#problems li b").allInnerTexts(), ["line 2", "line 5", "line 6"]);
    await shot("bad-lines");
    await page.click("#tab-alerts");
  },
  async "pasted text is read"() {
    await paste(sample("runs/socat-udp.log"));
    assert.equal(await text("#source-name"), "pasted text");
    assert.equal(await alerts(), 1);
    assert.match(await text(".alert .who"), /socat.*4550/);
  },
  async "nothing found, and nothing to read, are said"() {
    await paste(sample("runs/nc-tcp.log"));
    assert.match(await text("#alerts"), /No alert/);
    await paste("good morning\n");
    assert.match(await text("#alerts"), /Nothing to look at/);
    assert.equal(await text("#count-problems"), "1");
    assert.equal(await page.getAttribute("#list", "data-empty"), "No event was read.");
    await shot("empty");
  },
  async "another rule runs, and a refused one says why"() {
    await run(() => page.click("#sample"));
    await page.click("#tab-rule");
    const rule = await page.inputValue("#rule");
    await page.fill("#rule", rule.replace("sample by host.id", "sample by BROKEN host.id"));
    await run(() => page.click("#run-rule"));
    assert.ok((await page.locator(".finding.error").count()) >= 1);
    assert.equal(await alerts(), 5, "what was shown stays");
    await page.locator(".finding button").first().click();
    assert.match(await page.evaluate(() => document.activeElement.value.slice(document.activeElement.selectionStart)), /^host\.id/);
    await shot("rule");
    await run(() => page.click("#reset-rule"));
    assert.equal(await page.locator(".finding.error").count(), 0);
    await page.click("#tab-alerts");
    assert.equal(await alerts(), 5);
  },
  async "many thousand events stay smooth"() {
    const attack = sample("runs/socat-udp.ndjson"), quiet = sample("runs/nc-tcp.ndjson"), copies = 6000;
    await drop("large.ndjson", quiet.repeat(copies / 2) + attack + quiet.repeat(copies / 2));
    assert.equal(await text("#count-events"), (copies * 7 + attack.trim().split("\n").length).toLocaleString("en"));
    assert.equal(await alerts(), 1);
    assert.ok((await page.locator(".row").count()) < 120, "only what is in sight is drawn");
    await page.locator(".alert .event").first().click();
    assert.match(await page.locator('.row[aria-selected="true"]').innerText(), /socat/);
    await shot("large");
  },
  async "dark, and narrow"() {
    await page.emulateMedia({ colorScheme: "dark" });
    await run(() => page.click("#sample"));
    await page.locator(".alert .event").first().click();
    await shot("dark");
    await page.setViewportSize({ width: 1024, height: 800 });
    await shot("medium");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForTimeout(100);
    await shot("narrow-events");
    await page.click('[data-show="side"]');
    assert.ok(await page.locator(".alert").first().isVisible());
    await shot("narrow-alerts");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, "nothing sticks out sideways");
  },
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
if (complaints.length) {
  failed += 1;
  console.log(`FAIL  the browser complained\n${complaints.join("\n")}`);
}
await browser.close();
server.close();
console.log(`demo page: ${Object.keys(steps).length - failed} of ${Object.keys(steps).length} passed; screenshots in target/screenshots`);
process.exitCode = failed ? 1 : 0;
