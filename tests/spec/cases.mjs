// Runs the cases of spec/alerts (its README.md says what they are) on a `Correlator`, wherever there is one: Node and browsers
// both use this file. `read` gives a file of the repository as bytes: `await read("spec/alerts/empty/case.json")`.

const CHUNK_SIZES = [1, 7, 4096];
const utf8 = new TextDecoder();

/** The case NAME with its files. */
export async function loadCase(name, read) {
  const text = async (path) => utf8.decode(await read(path));
  const folder = `spec/alerts/${name}`;
  const { rules, options = {}, input, chunk_sizes = CHUNK_SIZES, problems = [] } = JSON.parse(await text(`${folder}/case.json`));
  return {
    name,
    options: { ...options, rules: await Promise.all(rules.map(async (file) => ({ file, text: await text(file) }))) },
    input: await read(input),
    chunkSizes: chunk_sizes,
    problems,
    expected: await text(`${folder}/expected.ndjson`).catch(() => null),
  };
}

/** Feeds the input in pieces of `size` bytes; gives what came out. */
export function run(Correlator, { options, input }, size) {
  const correlator = new Correlator(options);
  const alerts = [];
  const problems = [];
  const drain = () => {
    alerts.push(correlator.drainAlertLines());
    problems.push(...correlator.drainProblems().map(({ line }) => line));
  };
  for (let at = 0; at < input.length; at += size) {
    correlator.feed(input.subarray(at, at + size));
    // Draining late or early must be the same: small pieces drain at the end, others after each.
    if (size > 7) drain();
  }
  correlator.finish();
  drain();
  const { malformed } = correlator.stats();
  correlator.free();
  return { alerts: alerts.join(""), problems, malformed };
}

/** Runs a case at all of its chunk sizes and in one piece; gives what is wrong, one text each. */
export function failures(Correlator, spec) {
  if (spec.expected === null) return [`spec/alerts/${spec.name}/expected.ndjson is missing`];
  const wrong = [];
  for (const size of [...spec.chunkSizes, Math.max(spec.input.length, 1)]) {
    const { alerts, problems, malformed } = run(Correlator, spec, size);
    const differs = (what, got, wanted) =>
      got !== wanted && wrong.push(`${spec.name}, ${size} bytes at once: ${what}\n  expected ${wanted}\n  but got  ${got}`);
    differs("alerts", alerts, spec.expected);
    differs("lines with problems", JSON.stringify(problems), JSON.stringify(spec.problems));
    differs("malformed", malformed, spec.problems.length);
  }
  return wrong;
}
