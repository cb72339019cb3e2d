import { Type } from 'typebox';
import type { AdaptationView, MeasuredNetwork } from '../../../contracts/adaptation.js';
import { AdaptationNetworkQuery, TrainedNetworkDocument } from '../../../contracts/http/adaptations.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import type { Network } from '../../../core/network/network.js';
import type { Weights } from '../../../core/network/weights.js';
import { withIdsOf } from '../../../core/network/with-ids-of.js';
import { buildInferenceModel } from '../../../formats/onnx/export-network.js';
import { decodeWeights } from '../../../training/weights/weights-codec.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { parseCandidate } from '../parse-candidate.js';
import { RefusedParameter } from '../refused-parameter.js';

export function adaptationNetworkRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/adaptations/:id/network',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['adapting'],
        summary: 'A trained network of an adaptation: JSON with weights, or an ONNX model',
        description:
          'ONNX: input `input` [batch, channels, height, width], output `logits`; batch norm folded. Weights are float32, ' +
          'also where a device measured the network quantised to int8; its accuracy is that before quantisation.',
        params: Type.Object({ id: Type.String() }),
        querystring: AdaptationNetworkQuery,
        produces: ['application/json', 'application/octet-stream'],
        response: { 200: Type.Unsafe<unknown>(TrainedNetworkDocument), '4xx': Problem },
      },
    },
    async (request, reply) => {
      const row = context.adaptations.get(request.params.id);
      const view = context.adaptationViews.of(row);
      const query = request.query;
      const { label, measured } = select(view, query);
      if (measured?.weights == null) {
        throw new LutraError('not-found', `adaptation ${row.id} has no trained ${label} network yet`);
      }
      const seed = parseCandidate(row.request.candidate, '/candidate');
      const network = withIdsOf(context.networks.get(measured.networkHash), seed);
      const read = async (sha256: string): Promise<Weights> => decodeWeights(await context.blobs.get(sha256));
      if (query.format === 'onnx') {
        const model = buildInferenceModel(network, await read(measured.weights), query.batch ?? 1);
        const file = `${row.id}-${label.replaceAll(' ', '-')}.onnx`;
        return reply
          .type('application/octet-stream')
          .header('content-disposition', `attachment; filename="${file}"`)
          .send(Buffer.from(model.buffer, model.byteOffset, model.byteLength));
      }
      const tensors = query.weights === 'link' ? undefined : await read(measured.weights);
      return reply.send(documentOf(network, measured.networkHash, measured.weights, tensors));
    },
  );
}

function select(
  view: AdaptationView,
  { which = 'final', index, name }: AdaptationNetworkQuery,
): { readonly label: string; readonly measured: MeasuredNetwork | null | undefined } {
  if (which === 'seed' || which === 'final') return { label: which, measured: view[which] };
  if (which === 'iteration') {
    if (index === undefined) throw missingParameter('index', 'iteration');
    const iteration = view.iterations.find((candidate) => candidate.index === index);
    return { label: `iteration ${index}`, measured: iteration?.network };
  }
  if (name === undefined) throw missingParameter('name', 'baseline');
  return { label: name, measured: view.baselines.find((baseline) => baseline.name === name)?.network };
}

function missingParameter(name: string, which: string): RefusedParameter {
  return new RefusedParameter('query', `query parameter ${name}: is missing (which=${which})`, `/${name}`);
}

function documentOf(
  network: Network,
  networkHash: string,
  sha256: string,
  weights: Weights | undefined,
): TrainedNetworkDocument {
  const tensors =
    weights === undefined
      ? undefined
      : Object.fromEntries(
          [...weights].map(([name, { shape, data }]) => [
            name,
            { shape: [...shape], dataBase64: littleEndian(data).toString('base64') },
          ]),
        );
  return {
    networkHash,
    network,
    weights: { sha256, href: `/blobs/${sha256}`, ...(tensors === undefined ? {} : { tensors }) },
  };
}

/** Of a float32 array, whatever the machine's own byte order. */
function littleEndian(data: Float32Array): Buffer {
  const bytes = Buffer.alloc(data.byteLength);
  data.forEach((value, i) => {
    bytes.writeFloatLE(value, 4 * i);
  });
  return bytes;
}
