// Runs the cases of spec/alerts and spec/kibana (their READMEs say what they are) on a `Correlator`, wherever there is one: Node and
// browsers both use this file. `read` gives a file of the repository as bytes: `await read("spec/alerts/empty/case.json")`.

const CHUNK_SIZES = [1, 7, 4096];
const utf8 = new TextDecoder();

/** The case in this folder, e.g. `spec/alerts/empty`, with its files. A Kibana case is two: its documents, and its signals. */
export async function loadCase(folder, read) {
  const text = async (path) => utf8.decode(await read(path));
  const { rules, options = {}, context, input, chunk_sizes = CHUNK_SIZES, steps = [], problems = [], stats = {} } = JSON.parse(await text(`${folder}/case.json`));
  const files = await Promise.all(rules.map(async (file) => ({ file, text: await text(file) })));
  const snapshots = steps.filter((step) => step.snapshot);
  const one = async (options, expected) => ({
    name: `${folder}/${expected}`,
    options: { ...options, rules: files },
    input: await read(input),
    chunkSizes: chunk_sizes,
    steps,
    snapshots: new Map(await Promise.all(snapshots.map(async ({ snapshot }) => [snapshot, await read(`${folder}/${snapshot}`).catch(() => null)]))),
    problems,
    stats: { malformed: problems.length, ...stats },
    expected: await text(`${folder}/${expected}`).catch(() => null),
  });
  if (context === undefined) return [await one(options, "expected.ndjson")];
  return [await one({ output: "kibana", kibana: context }, "expected.ndjson"), await one({ output: "signal" }, "signal.ndjson")];
}

/**
 * Feeds the input in pieces of `size` bytes, with the steps of the case between them; gives what came out, and the snapshots that were made.
 * `brk`: a byte at which a snapshot is made as well, and another correlator goes on from it; from there on pieces are sifted by a third.
 */
export function run(Correlator, { options, input, steps, snapshots }, size, brk = null) {
  let correlator = new Correlator(options);
  let sifter = null;
  const feed = (piece) => (sifter ? correlator.feedSifted(piece, sifter.sift(piece)) : correlator.feed(piece));
  const out = { alerts: "", problems: [], taken: new Map() };
  const drain = () => {
    out.alerts += correlator.drainAlertLines();
    out.problems.push(...correlator.drainProblems().map(({ line }) => line));
  };
  const goOnFrom = (bytes) => {
    correlator.free();
    correlator = new Correlator(options);
    correlator.restore(bytes);
  };
  const all = [...steps, { at: input.length }];
  if (brk !== null) all.splice(all.findIndex(({ at }) => at >= brk), 0, { at: brk, brk: true });
  let at = 0;
  all.forEach((step, number) => {
    for (; at < step.at; at += size) {
      feed(input.subarray(at, Math.min(at + size, step.at)));
      // Draining late or early must be the same: small pieces drain at the end, others after each. What a snapshot of the case holds is
      // not drained before it.
      if (size > 7 && !all.slice(number).some((later) => later.snapshot)) drain();
    }
    at = step.at;
    if (step.advance !== undefined) correlator.advance(step.advance);
    if (step.snapshot) {
      const made = correlator.snapshot();
      out.taken.set(step.snapshot, made);
      goOnFrom(snapshots.get(step.snapshot) ?? made);
    }
    if (step.brk) {
      goOnFrom(correlator.snapshot());
      sifter = new Correlator(options);
    }
  });
  correlator.finish();
  drain();
  out.stats = correlator.stats();
  correlator.free();
  sifter?.free();
  return out;
}

/** Runs a case at all of its chunk sizes, in one piece, and broken at a place of its own; gives what is wrong, one text each. */
export function failures(Correlator, spec) {
  if (spec.expected === null) return [`${spec.name} is missing`];
  const wrong = [];
  const whole = Math.max(spec.input.length, 1);
  // Somewhere, another place for each case, the same on every host.
  const brk = (spec.name.length * 7919) % whole;
  const runs = [...spec.chunkSizes.map((size) => [size, null]), [whole, null], [4096, brk]];
  for (const [size, brk] of runs) {
    const { alerts, problems, stats, taken } = run(Correlator, spec, size, brk);
    const how = `${spec.name}, ${size} bytes at once${brk === null ? "" : `, a break at ${brk}`}`;
    const differs = (what, got, wanted) => got !== wanted && wrong.push(`${how}: ${what}\n  expected ${wanted}\n  but got  ${got}`);
    differs("alerts", alerts, spec.expected);
    differs("lines with problems", JSON.stringify(problems), JSON.stringify(spec.problems));
    if (!holds(spec.stats, stats)) differs("counters", JSON.stringify(stats), JSON.stringify(spec.stats));
    for (const [name, made] of taken) {
      const wanted = spec.snapshots.get(name);
      if (!wanted) wrong.push(`${how}: ${name} is missing`);
      else if (made.length !== wanted.length || made.some((byte, at) => byte !== wanted[at])) wrong.push(`${how}: the state has other bytes than ${name}`);
    }
  }
  return wrong;
}

/** Whether everything that is wanted is there: of an object these keys. */
export function holds(wanted, found) {
  if (wanted === null || typeof wanted !== "object") return wanted === found;
  if (found === null || typeof found !== "object") return false;
  if (Array.isArray(wanted) && wanted.length !== found.length) return false;
  return Object.entries(wanted).every(([key, value]) => holds(value, found[key]));
}
