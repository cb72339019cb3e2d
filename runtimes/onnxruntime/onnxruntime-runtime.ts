import type { Network } from '../../core/network/network.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import type { ProbeTerm, TensorRuntime } from '../tensor-runtime.js';
import { chooseBinding } from './binding/choose-binding.js';
import type { OrtModel } from './binding/ort-session.js';
import { onnxruntimeEnvironment } from './environment.js';
import { buildNetworkGraph } from './graphs/network-graph.js';
import { buildBaseGraph, buildOpGraph, type Joint, opJoints } from './graphs/op-context.js';
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
  const halfBase = (joint: Joint): ProbeTerm => term(baseId(joint), -0.5, () => buildBaseGraph(joint));
  return {
    name: 'onnxruntime',
    environment: () => onnxruntimeEnvironment(binding, threads),
    opProbe: (key) => {
      const op = decodeOpKey(key);
      const { input, output } = opJoints(op);
      return [
        term(`op:${key}`, 1, () => buildOpGraph(op)),
        ...(input === null ? [] : [halfBase(input)]),
        halfBase(output),
      ];
    },
    networkProbe: (network: Network, networkHash: string) => [
      term(`network:${networkHash}`, 1, () => buildNetworkGraph(network)),
    ],
    close: async () => undefined,
  };
}

function baseId({ shape: [height, width, channels], rank }: Joint): string {
  return rank === 'vector' ? `base:${channels}` : `base:${height}x${width}x${channels}`;
}
