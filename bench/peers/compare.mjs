// Compares EINet, ONNX Runtime and libtorch on the same networks, in one run: node compare.mjs PEER MODEL.onnx...
//   --threads N  --precision f32|bf16 (EINet's)  --seconds S (per network)  --clock wall|cpu  --json
//
// The engines take turns, so that other load on the machine affects all of them, and the median over rounds of the ratio of
// their times is printed: above 1, EINet is faster. A turn is a warm-up run and then several timed runs, of which the
// median is used. Calls from JavaScript add overhead to ONNX Runtime's time; the median time of a network that does
// nothing, with the same outputs, is subtracted. --clock cpu counts processor time of the process instead of wall-clock
// time, which is suitable for one thread on a busy machine.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-node';
import { emptyNetwork } from './onnx_bytes.mjs';

const options = { threads: 1, precision: 'f32', seconds: 10, clock: 'wall', json: false, rest: [] };
for (let args = process.argv.slice(2); args.length > 0; ) {
  const word = args.shift();
  if (word === '--json') options.json = true;
  else if (word === '--threads' || word === '--seconds') options[word.slice(2)] = Number(args.shift());
  else if (word === '--precision' || word === '--clock') options[word.slice(2)] = args.shift();
  else options.rest.push(word);
}
const [peerProgram, ...models] = options.rest;
if (models.length === 0) {
  console.error('usage: node compare.mjs PEER MODEL.onnx... [--threads N] [--precision P] [--seconds S] [--clock wall|cpu] [--json]');
  process.exit(2);
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** The program that runs EINet and libtorch; one line out, one line back. */
class Peer {
  constructor(model, folder) {
    this.input = join(folder, 'input');
    this.outputs = join(folder, 'outputs');
    this.process = spawn(peerProgram, [model, options.threads, options.precision, this.input, this.outputs].map(String), {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { OMP_WAIT_POLICY: 'passive', ...process.env },
    });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }
  async line() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the peer program has ended');
    return value;
  }
  /** Seconds of one run, or NaN where the engine cannot. */
  async run(engine) {
    this.process.stdin.write(engine + '\n');
    const [wall, cpu] = (await this.line()).split(' ').map(Number);
    return options.clock === 'cpu' ? (cpu ?? NaN) : wall;
  }
  end() {
    this.process.stdin.end();
  }
}

const sessionOptions = {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  intraOpNumThreads: options.threads,
  interOpNumThreads: 1,
};

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e-6;
};

async function timed(session, feeds) {
  const cpu = cpuSeconds();
  const begin = process.hrtime.bigint();
  await session.run(feeds);
  const wall = Number(process.hrtime.bigint() - begin) * 1e-9;
  return options.clock === 'cpu' ? cpuSeconds() - cpu : wall;
}

/** One turn: a run to warm up, then the median of some. */
async function turn(run) {
  await run();
  const times = [];
  const begin = performance.now();
  do times.push(await run());
  while (times.length < 3 || (performance.now() - begin < 20 && times.length < 50));
  return median(times);
}

async function compare(model) {
  const folder = mkdtempSync(join(tmpdir(), 'einet-peers-'));
  const peer = new Peer(model, folder);
  try {
    if ((await peer.line()) !== 'ready') throw new Error('the peer program is not ready');
    const session = await ort.InferenceSession.create(model, sessionOptions);
    const meta = session.inputMetadata[0];
    const shape = meta.shape.map((d) => (typeof d === 'number' ? d : 1));
    const input = new Float32Array(new Uint8Array(readFileSync(peer.input)).buffer);
    const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', input, shape) };

    const ours = new Float32Array(new Uint8Array(readFileSync(peer.outputs)).buffer);
    const results = await session.run(feeds);
    const theirs = session.outputNames.flatMap((name) => [...results[name].data]);
    let difference = theirs.length === ours.length ? 0 : Infinity;
    let largest = 0;
    theirs.forEach((t, i) => {
      difference = Math.max(difference, Math.abs(t - ours[i]));
      largest = Math.max(largest, Math.abs(t));
    });

    const sizes = session.outputNames.map((name) => ({ name, size: Math.min(results[name].data.length, input.length) }));
    const empty = await ort.InferenceSession.create(emptyNetwork(shape, sizes), sessionOptions);
    const emptyFeeds = { input: feeds[session.inputNames[0]] };

    const engines = {
      einet: () => peer.run('einet'),
      ort: () => timed(session, feeds),
      empty: () => timed(empty, emptyFeeds),
      torch: () => peer.run('torch'),
    };
    const rounds = [];
    const begin = performance.now();
    const names = Object.keys(engines);
    while (rounds.length < 5 || performance.now() - begin < 1000 * options.seconds) {
      const times = {};
      for (let i = 0; i < names.length; ++i) {
        const name = names[(i + rounds.length) % names.length];
        times[name] = await turn(engines[name]);
      }
      rounds.push(times);
    }
    const call = median(rounds.map((t) => t.empty));
    const seconds = (name) => median(rounds.map((t) => t[name]));
    return {
      model: basename(model, '.onnx'),
      rounds: rounds.length,
      einet_seconds: seconds('einet'),
      ort_seconds: seconds('ort') - call,
      torch_seconds: seconds('torch'),
      call_seconds: call,
      ort_ratio: median(rounds.map((t) => (t.ort - call) / t.einet)),
      torch_ratio: median(rounds.map((t) => t.torch / t.einet)),
      difference: difference / largest,
    };
  } finally {
    peer.end();
    rmSync(folder, { recursive: true });
  }
}

const results = [];
for (const model of models) results.push(await compare(model));
const mean = (key) => Math.exp(results.map((r) => Math.log(r[key])).reduce((a, b) => a + b) / results.length);
if (options.json) {
  console.log(JSON.stringify({ ...options, rest: undefined, results, ort_mean: mean('ort_ratio'), torch_mean: mean('torch_ratio') }, null, 2));
} else {
  const ms = (s) => (1000 * s).toFixed(3).padStart(10);
  const x = (r) => (Number.isNaN(r) ? '-' : r.toFixed(2)).padStart(9);
  console.log(`ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}, ${options.threads} thread(s), EINet in ${options.precision}, ${options.clock} time`);
  console.log('network            rounds  EINet ms    ORT ms  torch ms  ORT/EINet  torch/EINet  difference');
  for (const r of results) {
    console.log(`${r.model.padEnd(18)} ${String(r.rounds).padStart(6)}${ms(r.einet_seconds)}${ms(r.ort_seconds)}${ms(r.torch_seconds)}  ${x(r.ort_ratio)}  ${x(r.torch_ratio)}    ${r.difference.toExponential(1)}`);
  }
  console.log(`geometric mean                                        ${x(mean('ort_ratio'))}  ${x(mean('torch_ratio'))}`);
}
