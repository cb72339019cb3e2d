import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { BlobStored } from '../../../contracts/http/blob.js';
import { Problem } from '../../../contracts/http/problem.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { RefusedParameter } from '../refused-parameter.js';

/** Weights of the largest zoo network at twice its width fit. */
const LIMIT_BYTES = 128 * 2 ** 20;

const Sha256 = Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) });

/** Content-addressed bytes: weights of networks, as `training/weights/weights-codec.ts` writes them. */
export function blobRoutes(api: Api, { blobs }: ApiContext): void {
  api.register(async (scope: Api) => {
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.put(
      '/blobs/:sha256',
      {
        config: { scope: ['submit', 'device'] },
        bodyLimit: LIMIT_BYTES,
        schema: {
          tags: ['service'],
          summary: 'Store bytes under their SHA-256',
          consumes: ['application/octet-stream'],
          params: Sha256,
          response: { 200: BlobStored, 201: BlobStored, '4xx': Problem },
        },
      },
      async (request, reply): Promise<BlobStored> => {
        const { sha256 } = request.params;
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const actual = createHash('sha256').update(bytes).digest('hex');
        if (actual !== sha256) {
          throw new RefusedParameter('path', `path parameter sha256: the body's is ${actual}`, '/sha256');
        }
        reply.code((await blobs.has(sha256)) ? 200 : 201);
        await blobs.put(bytes);
        return { sha256, bytes: bytes.length };
      },
    );
  });

  api.get(
    '/blobs/:sha256',
    {
      config: { scope: ['read', 'device'] },
      schema: {
        tags: ['service'],
        summary: 'Bytes by their SHA-256',
        params: Sha256,
        produces: ['application/octet-stream'],
        response: { 200: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }), '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { sha256 } = request.params;
      const bytes = await blobs.get(sha256);
      return reply
        .header('etag', `"${sha256}"`)
        .header('cache-control', 'private, max-age=31536000, immutable')
        .type('application/octet-stream')
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
}
