// Alerts as cards: the rule, who did it, and its events in the order of time, each a way to its row.

import { describe, field } from "./describe.js";
import { mark } from "./marks.js";

/** Cards drawn; more are counted, and drawn on request. */
const STEP = 100;

export class Alerts {
  #element;
  #template;
  #goTo;
  #alerts = [];
  #drawn = 0;
  #chosen = null;

  constructor(element, template, { goTo }) {
    this.#element = element;
    this.#template = template;
    this.#goTo = goTo;
  }

  clear() {
    this.#alerts = [];
    this.#drawn = 0;
    this.#chosen = null;
    this.#say("Reading…");
  }

  add(alerts) {
    if (this.#alerts.length === 0) this.#element.replaceChildren();
    this.#alerts.push(...alerts);
    if (this.#drawn < STEP) this.#draw(STEP);
    else this.#more();
  }

  finish(stats) {
    if (this.#alerts.length) return;
    if (stats.events) this.#say("No alert.", "The rule found no process that did all of it.");
    else this.#say("Nothing to look at.", "No event could be read. Audit records begin with type=… or node=…, ECS documents with {.");
  }

  fail(message) {
    this.#say("That did not work.", message);
    this.#element.firstChild.setAttribute("role", "alert");
  }

  /** Shows which alert an event belongs to. */
  choose(n) {
    if (n === this.#chosen) return;
    this.#element.querySelector(".chosen")?.classList.remove("chosen");
    this.#chosen = n;
    const card = n === null ? null : this.#element.querySelector(`[data-alert="${n}"]`);
    card?.classList.add("chosen");
    card?.scrollIntoView({ block: "nearest" });
  }

  #say(title, text = "") {
    const box = document.createElement("div");
    box.className = "blank";
    box.append(Object.assign(document.createElement("strong"), { textContent: title }), Object.assign(document.createElement("p"), { textContent: text }));
    this.#element.replaceChildren(box);
  }

  #draw(up) {
    const to = Math.min(this.#alerts.length, up), more = this.#element.querySelector(".more");
    for (; this.#drawn < to; this.#drawn += 1) this.#element.insertBefore(this.#card(this.#alerts[this.#drawn], this.#drawn), more);
    this.#more();
  }

  #more() {
    const left = this.#alerts.length - this.#drawn, old = this.#element.querySelector(".more");
    if (!left) return old?.remove();
    const button = old ?? this.#element.appendChild(Object.assign(document.createElement("button"), { type: "button", className: "more" }));
    button.textContent = `Show more (${left.toLocaleString("en")})`;
    button.onclick = () => this.#draw(this.#drawn + STEP);
  }

  #card(alert, n) {
    const card = this.#template.content.cloneNode(true).firstElementChild, at = (name) => card.querySelector(name), { rule } = alert;
    card.dataset.alert = n;
    at(".number").textContent = n + 1;
    at(".name").textContent = rule.name;
    at(".severity").textContent = `${rule.severity} ${rule.risk_score}`;
    at(".severity").dataset.severity = rule.severity;

    const events = alert.events.map((event, stage) => ({ ...event, stage, row: alert.rows[stage] }));
    const whole = events.filter((event) => event.source), first = whole[0]?.source ?? {};
    at(".who").replaceChildren(...this.#who(alert, first));
    at(".title").addEventListener("click", () => whole[0] && this.#goTo(whole[0].row, whole[0].source));
    whole.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || (a.row ?? 0) - (b.row ?? 0));
    at("ol").append(...whole.map((event, k) => this.#event(event, k ? Date.parse(event.timestamp) - Date.parse(whole[0].timestamp) : null)));
    for (const { stage } of events.filter((event) => event.missing)) {
      at("ol").append(Object.assign(document.createElement("li"), { className: "missing", textContent: `stage ${stage + 1} never came` }));
    }
    const deepest = ({ id, name, subtechnique = [] }) => (subtechnique.length ? subtechnique : [{ id, name }]).map((one) => `${one.id} ${one.name}`);
    const threats = rule.threat.flatMap(({ tactic, technique = [] }) => [tactic.name, ...technique.flatMap(deepest)]);
    at("footer").textContent = [...threats, `rule version ${rule.version}`].join(" · ");
    return card;
  }

  #who(alert, source) {
    const host = field(source, "host.name") ?? field(source, "host.id"), keys = Object.entries(alert.join_keys);
    const parts = [];
    const name = field(source, "process.name");
    if (name) parts.push(strong(name));
    for (const [key, value] of keys) {
      if (key === "host.id") continue;
      parts.push(document.createTextNode(` ${{ "process.pid": "pid", "process.parent.pid": "parent" }[key] ?? key} `), strong(String(value)));
    }
    if (host) parts.push(document.createTextNode(" on "), strong(String(host)));
    const user = field(source, "user.name") ?? (field(source, "user.id") !== undefined ? `uid ${field(source, "user.id")}` : undefined);
    if (user) parts.push(document.createTextNode(" by "), strong(String(user)));
    return parts;
  }

  #event(event, after) {
    const item = document.createElement("li"), button = document.createElement("button"), seen = describe(event.source);
    button.type = "button";
    button.className = `event stage-${event.stage % 5}`;
    const part = (className, text) => Object.assign(document.createElement("span"), { className, textContent: text });
    const clock = event.timestamp.slice(11, 23);
    button.append(mark(event.stage, `stage ${event.stage + 1}`), part("call", seen.call), part("what", seen.text), part("clock", after === null ? clock : `+${after < 10_000 ? `${after} ms` : `${Math.round(after / 1000)} s`}`));
    button.title = `${event.timestamp} ${seen.text}`;
    button.addEventListener("click", () => this.#goTo(event.row, event.source));
    item.append(button);
    return item;
  }
}

const strong = (text) => Object.assign(document.createElement("b"), { textContent: text });
