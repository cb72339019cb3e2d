import { median } from '../../core/measurement/quantile.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { chooseBinding } from '../../runtimes/onnxruntime/binding/choose-binding.js';
import { emitOp } from '../../runtimes/onnxruntime/graphs/emit-op.js';
import { emitterFor } from '../../runtimes/onnxruntime/graphs/emitter-for.js';
import type { OrtModel } from '../../runtimes/onnxruntime/graphs/ort-model.js';
import { opInputShapes } from '../../runtimes/op-input-shapes.js';
import { RandomWeights } from '../../runtimes/weights/random-weights.js';
import { EMPTY_SESSION } from './isolated-ops.js';

/**
 * `node isolated-child.js KEY…`: op keys in, a JSON object of nanoseconds out. What the op reads and writes goes through
 * the session's inputs and outputs, whole and in onnxruntime's outer layout.
 */
const WARM_UP_RUNS = 10;
const TIMED_RUNS = 50;

const binding = await chooseBinding();
const latenciesNs: Record<string, number> = { [EMPTY_SESSION]: await timed(emptyModel()) };
for (const key of process.argv.slice(2)) latenciesNs[key] = await timed(opModel(key));
process.stdout.write(JSON.stringify(latenciesNs));

function opModel(key: string): OrtModel {
  const op = decodeOpKey(key);
  const emitter = emitterFor(op.dtype, new RandomWeights());
  const rank = op.kind === 'dense' ? 'vector' : 'map';
  const inputs = opInputShapes(op).map((shape) => emitter.input(shape, rank));
  return emitter.model(emitOp(emitter, op, inputs));
}

/** The least that a session does: a rectified linear unit over 16 numbers. */
function emptyModel(): OrtModel {
  const emitter = emitterFor('float32', new RandomWeights());
  return emitter.model(emitter.activate(emitter.input([1, 1, 16]), 'relu'));
}

async function timed(model: OrtModel): Promise<number> {
  const session = await binding.open(model, 1);
  const durationsNs: number[] = [];
  for (let run = -WARM_UP_RUNS; run < TIMED_RUNS; run++) {
    const startMs = performance.now();
    await session.run();
    if (run >= 0) durationsNs.push((performance.now() - startMs) * 1e6);
  }
  await session.close();
  return median(durationsNs);
}
