import type { Network } from '../../core/network/network.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import type { ProbeTerm, TensorRuntime } from '../tensor-runtime.js';
import { RandomWeights } from '../weights/random-weights.js';
import { chooseBinding } from './binding/choose-binding.js';
import { onnxruntimeEnvironment } from './environment.js';
import { buildNetworkGraph } from './graphs/network-graph.js';
import { buildChainGraph, buildOpGraph, type Joint, opJoints } from './graphs/op-context.js';
import type { OrtModel } from './graphs/ort-model.js';
import { infer } from './infer.js';
import { timedExecutable } from './timed-executable.js';

/**
 * onnxruntime on this machine's processor.
 * @param options.threads threads within one op
 */
export async function createOnnxruntimeRuntime(options: {
  readonly threads: number;
}): Promise<TensorRuntime> {
  const binding = await chooseBinding();
  const { threads } = options;
  const term = (graphId: string, coefficient: number, build: () => OrtModel): ProbeTerm => ({
    graphId,
    coefficient,
    open: async () => timedExecutable(await binding.open(build(), threads)),
  });
  const chain = (inputs: readonly Joint[], coefficient: number): ProbeTerm =>
    term(chainId(inputs), coefficient, () => buildChainGraph(inputs));
  return {
    name: 'onnxruntime',
    environment: () => onnxruntimeEnvironment(binding, threads),
    opProbe: (key) => {
      const op = decodeOpKey(key);
      const { inputs, output } = opJoints(op);
      const [first] = inputs;
      return mergeTerms([
        term(`op:${key}`, 1, () => buildOpGraph(op)),
        ...(first === undefined ? [] : [chain(inputs, -1), chain([first], 0.5)]),
        chain([output], -0.5),
      ]);
    },
    networkProbe: (network: Network, networkHash: string) => [
      term(`network:${networkHash}`, 1, () => {
        const weights = new RandomWeights();
        return buildNetworkGraph(network, () => weights);
      }),
    ],
    infer: (network, weights, image) => infer(binding, network, weights, image),
    close: async () => undefined,
  };
}

function chainId(inputs: readonly Joint[]): string {
  const { shape, rank } = inputs[0]!;
  const place = rank === 'vector' ? '' : `${shape[0]}x${shape[1]}x`;
  const channels = inputs.map((joint) => joint.shape[2]).join('<');
  return `${inputs.length === 1 ? 'base' : 'chain'}:${place}${channels}`;
}

/** Each graph once, with the sum of its coefficients. */
function mergeTerms(terms: readonly ProbeTerm[]): readonly ProbeTerm[] {
  const merged = new Map<string, ProbeTerm>();
  for (const term of terms) {
    const coefficient = (merged.get(term.graphId)?.coefficient ?? 0) + term.coefficient;
    merged.set(term.graphId, { ...term, coefficient });
  }
  return [...merged.values()];
}
