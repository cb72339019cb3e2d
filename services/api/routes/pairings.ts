import { PairedDevice, Pairing, PairingClaim } from '../../../contracts/http/pairing.js';
import { Problem } from '../../../contracts/http/problem.js';
import { PairingRepository } from '../../../db/repositories/pairings.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { SECRET_LIMIT } from '../security/limit-requests.js';

export function pairingRoutes(api: Api, { db }: ApiContext): void {
  const pairings = new PairingRepository(db);

  api.post(
    '/pairings',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['service'],
        summary: 'A code that makes another machine or browser a device: once, within ten minutes',
        response: { 201: Pairing, '4xx': Problem },
      },
    },
    async ({ principal }, reply): Promise<Pairing> => {
      reply.code(201).header('cache-control', 'no-store');
      return pairings.create(principal?.name ?? '');
    },
  );

  api.post(
    '/pairings/claim',
    {
      config: { scope: 'public', rateLimit: SECRET_LIMIT },
      schema: {
        tags: ['service'],
        summary: 'Exchange a pairing code for a token of a new device',
        body: PairingClaim,
        response: { 201: PairedDevice, '4xx': Problem },
      },
    },
    async ({ body: { code, device } }, reply): Promise<PairedDevice> => {
      const token = pairings.claim(code, device);
      reply.code(201).header('cache-control', 'no-store');
      return { device, token };
    },
  );
}
