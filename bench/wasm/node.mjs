// The plain module in Node, on the bytes that `paths --write FOLDER` has written: node bench/wasm/node.mjs FOLDER ROUNDS NAME=MODULE...
// Modules take turns, each in an instance that goes on from round to round, as the native benchmark does in its process: memory that is new costs a
// tenth of the time once, and no more when it is used again. Lines that begin with `result` are for `cargo xtask bench`: nanoseconds, an event or in all.
import { readFileSync } from 'node:fs';

const [folder, rounds, ...modules] = process.argv.slice(2);
const CHUNK = 64 * 1024;

// CPU time, for what runs in this thread; compiling runs in others too, and is measured by the clock on the wall.
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const result = (name, nanos) => console.log(`result\t${name}\t${nanos.toFixed(1)}`);

class Engine {
  constructor(module) {
    this.exports = new WebAssembly.Instance(module, {}).exports;
    this.buffer = this.exports.eqlite_alloc(CHUNK);
  }

  load(options) {
    const { memory, eqlite_alloc, eqlite_free, eqlite_new } = this.exports;
    const address = eqlite_alloc(options.length);
    new Uint8Array(memory.buffer, address >>> 0, options.length).set(options);
    this.handle = eqlite_new(address, options.length);
    eqlite_free(address);
    if (this.handle <= 0) throw new Error(`refused: ${this.handle}`);
  }

  run(bytes) {
    const { memory, eqlite_feed, eqlite_drain_alerts, eqlite_finish } = this.exports;
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const piece = bytes.subarray(at, at + CHUNK);
      new Uint8Array(memory.buffer, this.buffer >>> 0, piece.length).set(piece);
      eqlite_feed(this.handle, this.buffer, piece.length);
      eqlite_drain_alerts(this.handle);
    }
    eqlite_finish(this.handle);
    eqlite_drain_alerts(this.handle);
  }

  drop() {
    this.exports.eqlite_drop(this.handle);
  }
}

const read = (name) => readFileSync(`${folder}/${name}`);
const events = JSON.parse(read('events.json')).events;
const paths = [
  ['rules 1', 'udp.json', 'ecs.ndjson'],
  ['rules 1000', 'made.json', 'ecs.ndjson'],
  ['audit 1', 'udp.json', 'audit.log'],
].map(([name, options, input]) => [name, read(options), read(input)]);

const times = new Map();
const note = (name, nanos) => times.set(name, [...(times.get(name) ?? []), nanos]);
const contestants = modules.map((argument) => {
  const [name, file] = argument.split('=');
  const bytes = readFileSync(file);
  return { name, bytes, engine: new Engine(new WebAssembly.Module(bytes)) };
});
// The first round is not counted: V8 compiles what is hot a second time.
for (let round = 0; round <= rounds; round++) {
  for (const { name, bytes, engine } of contestants) {
    const begun = process.hrtime.bigint();
    new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    if (round > 0) note(`${name} compile`, Number(process.hrtime.bigint() - begun));
    for (const [path, options, input] of paths) {
      const loading = cpu();
      engine.load(options);
      if (round > 0 && path === 'rules 1000') note(`${name} load 1000`, cpu() - loading);
      const feeding = cpu();
      engine.run(input);
      if (round > 0) note(`${name} ${path}`, (cpu() - feeding) / events);
      engine.drop();
    }
  }
}
for (const [name, all] of times) result(`node ${name}`, median(all));
