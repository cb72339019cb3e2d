import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { BlobCollection, BlobCollectionRequest, BlobStored } from '../../../contracts/http/blob.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import { collectBlobs } from '../../blobs/collect-blobs.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { byteRange } from '../byte-range.js';
import { RefusedParameter } from '../refused-parameter.js';
import { requireUnbound } from '../security/require-device.js';

/** Weights of the largest zoo network at twice its width fit. */
const LIMIT_BYTES = 128 * 2 ** 20;

/** A device measures shapes; only trainers, whose tokens are bound to none, have to do with weights. */
const NO_WEIGHTS = 'it measures, which takes no weights';

const Sha256 = Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) });

/** Content-addressed bytes: weights of networks, as `training/weights/weights-codec.ts` writes them. */
export function blobRoutes(api: Api, { db, blobs }: ApiContext): void {
  api.register(async (scope: Api) => {
    // The body stays a stream: it goes to disk as it comes.
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
    scope.put(
      '/blobs/:sha256',
      {
        config: { scope: ['submit', 'device'], writes: false },
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
        requireUnbound(request.principal, NO_WEIGHTS);
        const { sha256 } = request.params;
        const length = Number(request.headers['content-length'] ?? 0);
        if (length > LIMIT_BYTES)
          throw new LutraError('payload-too-large', `a blob has ${LIMIT_BYTES} bytes at most`);
        const known = await blobs.touch(sha256);
        const body = request.body instanceof Readable ? request.body : Readable.from([]);
        // To destroy the body would be to hang up before the refusal is said.
        const chunks = body.iterator({ destroyOnReturn: false });
        const bytes = await blobs.putStream(chunks, LIMIT_BYTES, sha256).catch((error: unknown) => {
          // What still comes of a refused body would be taken for the next request.
          reply.header('connection', 'close');
          if (!(error instanceof LutraError) || error.code !== 'conflict') throw error;
          throw new RefusedParameter('path', `path parameter sha256: ${error.message}`, '/sha256');
        });
        reply.code(known ? 200 : 201);
        return { sha256, bytes };
      },
    );
  });

  api.get(
    '/blobs/:sha256',
    {
      config: { scope: ['read', 'device'] },
      schema: {
        tags: ['service'],
        summary: 'Bytes by their SHA-256, whole or a range',
        description: 'Whoever reads checks the hash: it is the name.',
        params: Sha256,
        produces: ['application/octet-stream'],
        response: {
          200: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }),
          206: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }),
          '4xx': Problem,
        },
      },
    },
    async (request, reply) => {
      requireUnbound(request.principal, NO_WEIGHTS);
      const { sha256 } = request.params;
      const { path, bytes } = await blobs.file(sha256);
      const tag = `"${sha256}"`;
      reply
        .header('etag', tag)
        .header('accept-ranges', 'bytes')
        .header('cache-control', 'private, max-age=31536000, immutable');
      if (request.headers['if-none-match'] === tag) return reply.code(304).send();
      const isSame = [undefined, tag].includes(request.headers['if-range'] as string | undefined);
      const range = isSame ? byteRange(request.headers.range, bytes) : null;
      if (range === 'unsatisfiable') {
        reply.header('content-range', `bytes */${bytes}`);
        throw new LutraError('range-not-satisfiable', `the blob has ${bytes} bytes`);
      }
      const { start, end } = range ?? { start: 0, end: bytes - 1 };
      if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`);
      reply.header('content-length', end - start + 1).type('application/octet-stream');
      return reply.send(bytes === 0 ? Buffer.alloc(0) : createReadStream(path, { start, end }));
    },
  );

  api.post(
    '/blobs/collect',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['service'],
        summary: 'Delete blobs that nothing refers to any more',
        body: BlobCollectionRequest,
        response: { 200: BlobCollection, '4xx': Problem },
      },
    },
    async ({ body, log }): Promise<BlobCollection> => {
      const collection = await collectBlobs(db, blobs, {
        ...(body.graceMs === undefined ? {} : { graceMs: body.graceMs }),
        dryRun: body.dryRun ?? false,
      });
      log.info(collection, 'blobs collected');
      return collection;
    },
  );
}
