// The rule: its file in a text field, and what the engine finds wrong with it, each with its place.

const $ = (id) => document.getElementById(id);

export class RulePanel {
  #original = "";

  /** `run(text)` is called when the person wants the rule run. */
  constructor({ run }) {
    $("run-rule").addEventListener("click", () => run($("rule").value));
    $("reset-rule").addEventListener("click", () => run(($("rule").value = this.#original)));
  }

  /** Shows a rule that "the rule as it was" comes back to. */
  load(text) {
    $("rule").value = this.#original = text;
  }

  /** Says what is wrong, or worth a warning; with `message`, that the rule was refused. */
  tell(findings, message = "") {
    $("rule-note").textContent = message ? "The rule was refused." : "";
    const items = findings.map((finding) => this.#item(finding));
    if (!items.length && message) items.push(Object.assign(document.createElement("p"), { className: "finding error", textContent: message }));
    $("findings").replaceChildren(...items);
  }

  #item({ code, message, severity, line, column, help, rendered }) {
    const item = document.createElement("article"), there = Object.assign(document.createElement("button"), { type: "button", textContent: `line ${line}` });
    item.className = `finding ${severity}`;
    there.addEventListener("click", () => this.#show(line, column));
    item.append(there, ` ${message} `, Object.assign(document.createElement("code"), { textContent: code }));
    // Its first lines say the same as the heading.
    const picture = rendered?.split("\n").filter((text) => !/^(error|warning)\[|^\s*-->/.test(text)).join("\n").trimEnd();
    if (picture) item.append(Object.assign(document.createElement("pre"), { textContent: picture }));
    if (help && !rendered?.includes(help)) item.append(Object.assign(document.createElement("p"), { className: "note", textContent: help }));
    return item;
  }

  /** Puts the cursor where a finding points to. */
  #show(line, column) {
    const field = $("rule"), at = field.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
    field.focus();
    field.setSelectionRange(at, at);
    field.scrollTop = Math.max(0, line - 4) * parseFloat(getComputedStyle(field).lineHeight);
  }
}
