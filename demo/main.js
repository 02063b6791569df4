// The page: hands a log and a rule to the worker, and shows what it tells.
//
// Shown are the events in a list that draws only what is in sight (list.js), where in time they lie (timeline.js), the alerts with their
// events (alerts.js), and the rule (rule.js). This file holds what was told so far and keeps these in step.

import { Alerts } from "./alerts.js";
import { describe } from "./describe.js";
import { listen } from "./inputs.js";
import { List } from "./list.js";
import { mark } from "./marks.js";
import { RulePanel } from "./rule.js";
import { Timeline } from "./timeline.js";

const $ = (id) => document.getElementById(id);
const worker = new Worker("./worker.js", { type: "module" });
const SAMPLE = { name: "udp-shell.raw.log", url: new URL("samples/udp-shell.raw.log", location.href).href };
const RULE = "rules/udp_reverse_shell.toml";

/** What the worker told of this run. `marks`: row -> [{alert, stage}]; `view`: the rows that the filter lets through, or null for all. */
let state = empty();
let rule = "", source = SAMPLE, filter = "all", needle = "", form = "lines", shownDetails = null;

function empty() {
  return { rows: [], alerts: [], problems: [], marks: new Map(), view: null, running: false };
}

// ---- the run

function start(next) {
  source = next;
  worker.postMessage({ do: "run", source, rule });
  $("source-name").textContent = source.name;
  $("source-note").textContent = "reading…";
}

worker.onmessage = ({ data }) => ({ started, progress, done, refused, failed, details })[data.is]?.(data);
worker.onerror = (event) => failed({ message: event.message || "the engine could not be loaded; serve this page over HTTP (cargo xtask serve)" });

function started({ name, size, format, host, warnings }) {
  state = { ...empty(), running: true };
  shownDetails = null;
  $("details").hidden = true;
  $("source-name").textContent = name;
  $("source-note").textContent = `${format === "auditd" ? "Linux audit records" : "ECS documents"}${host ? `, taken as of one host, “${host}”: the log names none` : ""}`;
  rulePanel.tell(warnings);
  busy(true);
  $("progress").value = size ? 0 : 1;
  alertsView.clear();
  problemsView();
  legend();
  counts({ events: 0, matched: 0, malformed: 0, bytes: 0, milliseconds: 0 });
  list.show(0);
  applyFilter();
}

function progress(told) {
  const from = state.rows.length;
  for (const row of told.rows) state.rows.push(row);
  for (const alert of told.alerts) {
    const n = state.alerts.push(alert) - 1;
    alert.rows.forEach((row, stage) => {
      if (row === null) return;
      if (!state.marks.has(row)) state.marks.set(row, []);
      state.marks.get(row).push({ alert: n, stage });
    });
  }
  if (told.problems.length) {
    state.problems.push(...told.problems);
    problemsView();
  }
  if (told.alerts.length) {
    alertsView.add(told.alerts);
    legend();
  }
  counts(told);
  $("progress").value = told.size ? told.bytes / told.size : 1;
  if (told.rows.length || told.alerts.length) applyFilter(told.alerts.length ? 0 : from);
}

function done({ milliseconds, hidden, stats }) {
  busy(false);
  if (hidden) $("source-note").textContent += `; the first ${state.rows.length.toLocaleString("en")} events are shown, all were checked`;
  alertsView.finish(stats);
  problemsView();
  const first = state.alerts[0]?.rows.filter((row) => row !== null) ?? [];
  if (first.length && list.chosen < 0 && !state.view) list.choose(Math.min(...first), { center: true });
  $("count-time").textContent = duration(milliseconds);
  $("announce").textContent = `Read ${stats.events} events: ${state.alerts.length} alerts, ${stats.malformed} bad lines.`;
  document.body.dataset.ready = "true";
}

/** The rule is wrong: what was shown stays. */
function refused({ message, diagnostics }) {
  busy(false);
  $("source-note").textContent = "not read: the rule was refused";
  selectTab("rule");
  rulePanel.tell(diagnostics, message);
}

function failed({ message }) {
  busy(false);
  $("source-note").textContent = "";
  alertsView.fail(message);
  selectTab("alerts");
  document.body.dataset.ready = "true";
}

function busy(running) {
  state.running = running;
  emptiness();
  document.body.dataset.ready = String(!running);
  document.body.classList.toggle("busy", running);
  $("cancel").hidden = !running;
}

function counts({ events, matched, malformed, bytes, milliseconds }) {
  const number = (value) => value.toLocaleString("en");
  $("count-events").textContent = number(events);
  $("count-matched").textContent = number(matched);
  $("count-alerts").textContent = number(state.alerts.length);
  $("count-alerts").parentElement.classList.toggle("hot", state.alerts.length > 0);
  $("count-problems").textContent = number(malformed);
  $("count-bytes").textContent = bytes < 1e4 ? `${number(bytes)} B` : bytes < 1e6 ? `${number(Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  $("count-time").textContent = duration(milliseconds);
  document.querySelectorAll("[data-count=alerts]").forEach((at) => (at.textContent = number(state.alerts.length)));
  document.querySelectorAll("[data-count=problems]").forEach((at) => (at.textContent = number(malformed)));
}

const duration = (milliseconds) => (milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);

// ---- events

const list = new List($("list"), {
  height: 28,
  draw: drawRow,
  choose(n, open) {
    const row = rowAt(n);
    alertsView.choose(state.marks.get(row)?.[0]?.alert ?? null);
    if (open || !$("details").hidden) worker.postMessage({ do: "details", row });
    if (open) $("details").hidden = false;
  },
  key(key) {
    if (key !== "n" && key !== "p") return key === "Escape" && hideDetails();
    const step = key === "n" ? 1 : -1, size = viewSize();
    for (let n = list.chosen + step; n >= 0 && n < size; n += step) {
      const row = rowAt(n);
      if (!state.marks.has(row) && !state.rows[row].hits) continue;
      list.choose(n, { center: true });
      break;
    }
    return true;
  },
});

const rowAt = (n) => (state.view ? state.view[n] : n);
const viewSize = () => (state.view ? state.view.length : state.rows.length);

function passes(row, n) {
  if (filter === "matched" && !row.hits && !state.marks.has(n)) return false;
  if (filter === "alerts" && !state.marks.has(n)) return false;
  return needle === "" || `${row.host} ${row.name} ${row.pid} ${row.call} ${row.text}`.toLowerCase().includes(needle);
}

/** Works out again which rows are shown; with `from`, only rows from there on are new. */
function applyFilter(from = 0) {
  if (filter === "all" && needle === "") state.view = null;
  else {
    if (from === 0 || !state.view) state.view = [];
    for (let n = from; n < state.rows.length; n += 1) if (passes(state.rows[n], n)) state.view.push(n);
  }
  list.show(viewSize());
  emptiness();
  timeline.draw(state);
}

function emptiness() {
  $("list").dataset.empty = viewSize() || state.running ? "" : state.rows.length ? "No event passes the filter." : "No event was read.";
}

function drawRow(element, n) {
  if (!element.firstChild) for (const name of ["mark", "time", "host", "process", "call", "what"]) element.appendChild(document.createElement("span")).className = `c-${name}`;
  const at = rowAt(n), row = state.rows[at], marks = state.marks.get(at), [sign, time, host, process, call, what] = element.children;
  element.className = `row${marks ? ` in-alert stage-${marks[0].stage % 5}` : row.hits ? " hit" : ""}`;
  sign.replaceChildren(...(marks ? marks.slice(0, 2).map(({ alert, stage }) => mark(stage, `stage ${stage + 1} of alert ${alert + 1}`)) : row.hits ? [mark(null, "matches a stage, in no alert")] : []));
  time.textContent = row.time === null ? "" : new Date(row.time).toISOString().slice(11, 23);
  host.textContent = row.host;
  if (!process.firstChild) process.append(document.createElement("span"), document.createElement("span"));
  process.firstChild.textContent = row.name;
  process.lastChild.textContent = row.pid;
  call.textContent = row.call;
  what.textContent = row.text;
  what.title = row.text;
}

/** What the signs stand for, by the calls of the first alert. */
function legend() {
  const entry = (sign, text) => {
    const part = document.createElement("span");
    part.append(sign, text);
    return part;
  };
  const stages = (state.alerts[0]?.events ?? []).filter((event) => event.source).slice(0, 5);
  $("legend").replaceChildren(
    ...stages.map(({ stage, source }) => entry(mark(stage, `stage ${stage + 1}`), describe(source).call)),
    ...(stages.length ? [entry(mark(null, "open circle"), "matches, in no alert")] : []),
  );
}

/** Brings an event of an alert into sight, whatever the filter hides. */
function goTo(row, source) {
  showPane("events");
  if (row === null) return showDetails({ title: "Event of the alert", lines: null, document: source });
  if (state.view && !state.view.includes(row)) setFilter("all", "");
  list.choose(state.view ? state.view.indexOf(row) : row, { center: true, open: true });
  $("list").focus({ preventScroll: true });
}

function setFilter(next, text) {
  const chosen = list.chosen >= 0 ? rowAt(list.chosen) : null;
  filter = next;
  needle = text;
  $("search").value = text;
  document.querySelectorAll("[data-filter]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.filter === filter)));
  applyFilter();
  const again = chosen === null ? -1 : state.view ? state.view.indexOf(chosen) : chosen;
  if (again >= 0) list.choose(again, { center: true });
}

document.querySelectorAll("[data-filter]").forEach((button) => button.addEventListener("click", () => setFilter(button.dataset.filter, needle)));
$("search").addEventListener("input", () => {
  needle = $("search").value.trim().toLowerCase();
  applyFilter();
});

// ---- one event

function details({ row, lines, line, document: ecs }) {
  const { time } = state.rows[row] ?? {};
  showDetails({ title: `${time === null || time === undefined ? "Event" : new Date(time).toISOString()}${line ? `, line ${line}` : ""}`, lines, document: ecs });
}

function showDetails(next) {
  shownDetails = next;
  $("details").hidden = false;
  $("details-title").textContent = next.title;
  $("details-form").hidden = !next.lines;
  $("details-text").textContent = next.lines && form === "lines" ? next.lines.map((line) => line.replaceAll("\x1d", "␝")).join("\n") : JSON.stringify(next.document, null, 2);
  list.refresh();
}

function hideDetails() {
  $("details").hidden = true;
  list.refresh();
  return true;
}

document.querySelectorAll("[data-form]").forEach((button) =>
  button.addEventListener("click", () => {
    form = button.dataset.form;
    document.querySelectorAll("[data-form]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    if (shownDetails) showDetails(shownDetails);
  }),
);
$("close-details").addEventListener("click", hideDetails);

// ---- alerts and bad lines

const alertsView = new Alerts($("alerts"), $("alert-template"), { goTo });
const timeline = new Timeline($("timeline"), (row) => goTo(row));
const rulePanel = new RulePanel({
  run(text) {
    rule = text;
    start(source);
  },
});

function problemsView() {
  const { problems } = state, shown = problems.slice(0, 500);
  if (!problems.length) return $("problems").replaceChildren(note(state.running ? "Reading…" : "Every line could be read."));
  const items = shown.map(({ line, message, code }) => {
    const item = document.createElement("li"), where = document.createElement("b");
    where.textContent = `line ${line.toLocaleString("en")}`;
    item.append(where, ` ${message} `, Object.assign(document.createElement("code"), { textContent: code }));
    return item;
  });
  const all = document.createElement("ul");
  all.append(...items);
  $("problems").replaceChildren(note("These lines were passed over; everything else was read."), all, ...(problems.length > shown.length ? [note(`and ${problems.length - shown.length} more`)] : []));
}

const note = (text) => Object.assign(document.createElement("p"), { className: "note", textContent: text });

const tabs = ["alerts", "problems", "rule"];
function selectTab(name) {
  for (const tab of tabs) {
    $(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    $(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
    $(`panel-${tab}`).hidden = tab !== name;
  }
}
for (const tab of tabs) {
  $(`tab-${tab}`).addEventListener("click", () => selectTab(tab));
  $(`tab-${tab}`).addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step) % tabs.length];
    selectTab(next);
    $(`tab-${next}`).focus();
  });
}

// ---- what to read, and by which rule

listen({ sample: SAMPLE, read: start });
$("cancel").addEventListener("click", () => {
  worker.postMessage({ do: "stop" });
  busy(false);
  $("source-note").textContent += "; stopped";
  alertsView.finish({ events: state.rows.length });
});

// ---- light and dark, narrow screens

$("theme").addEventListener("click", () => {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  timeline.draw(state);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => timeline.draw(state));

function showPane(name) {
  document.querySelector(".panes").dataset.showing = name;
  document.querySelectorAll("[data-show]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.show === name)));
  list.refresh();
}
document.querySelectorAll("[data-show]").forEach((button) => button.addEventListener("click", () => showPane(button.dataset.show)));

// ---- begin with the sample

try {
  const answer = await fetch(RULE);
  if (!answer.ok) throw new Error(`${RULE} cannot be read: ${answer.status}`);
  rule = await answer.text();
  rulePanel.load(rule);
  start(SAMPLE);
} catch (error) {
  failed({ message: error.message });
}
