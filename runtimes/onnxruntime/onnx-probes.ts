import { summedCoefficients } from '../../core/measurement/summed-coefficients.js';
import type { Network } from '../../core/network/network.js';
import { DTYPE_CODES } from '../../core/ops/dtype-codes.js';
import type { DType } from '../../core/ops/op.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import type { Executable, ProbeTerm, TensorRuntime } from '../tensor-runtime.js';
import { buildNetworkGraph } from './graphs/network-graph.js';
import { buildChainGraph, buildOpGraph, type Joint, opJoints } from './graphs/op-context.js';
import type { OrtModel } from './graphs/ort-model.js';

/**
 * How onnxruntime's figures come about, in Node and in a browser alike.
 * @param open loads a model, to be timed
 * @param dtype element type of whole networks. Ops name theirs
 */
export function onnxProbes(
  open: (model: OrtModel) => Promise<Executable>,
  dtype: DType,
): Pick<TensorRuntime, 'opProbe' | 'networkProbe'> {
  const term = (graphId: string, coefficient: number, build: () => OrtModel): ProbeTerm => ({
    graphId,
    coefficient,
    open: () => open(build()),
  });
  const chain = (inputs: readonly Joint[], of: DType, coefficient: number): ProbeTerm =>
    term(chainId(inputs, of), coefficient, () => buildChainGraph(inputs, of));
  return {
    opProbe: (key) => {
      const op = decodeOpKey(key);
      const { inputs, apart, output } = opJoints(op);
      const [first] = inputs;
      return mergedTerms([
        term(`op:${key}`, 1, () => buildOpGraph(op)),
        ...(first === undefined ? [] : [chain(inputs, op.dtype, -1), chain([first], op.dtype, 0.5)]),
        ...[...apart, output].map((joint) => chain([joint], op.dtype, -0.5)),
      ]);
    },
    networkProbe: (network: Network, networkHash: string) => [
      term(`network:${networkHash}`, 1, () => buildNetworkGraph(network, dtype)),
    ],
  };
}

function chainId(inputs: readonly Joint[], dtype: DType): string {
  const { shape, rank } = inputs[0]!;
  const place = rank === 'vector' ? '' : `${shape[0]}x${shape[1]}x`;
  const channels = inputs.map((joint) => joint.shape[2]).join('<');
  return `${inputs.length === 1 ? 'base' : 'chain'}:${place}${channels}${dtype === 'float32' ? '' : `:${DTYPE_CODES[dtype]}`}`;
}

/** Each graph once. One whose coefficients cancel is not opened: it could only add visits, and fail. */
function mergedTerms(terms: readonly ProbeTerm[]): readonly ProbeTerm[] {
  const byGraph = new Map(terms.map((term) => [term.graphId, term]));
  return [...summedCoefficients(terms)]
    .filter(([, coefficient]) => coefficient !== 0)
    .map(([graphId, coefficient]) => ({ ...byGraph.get(graphId)!, coefficient }));
}
