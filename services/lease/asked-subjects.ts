import type { MeasurePayload } from '../../contracts/job.js';
import type { Subject } from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';

/**
 * What a measure job asks a session for: the anchor, its networks, and ops.
 * @param ops keys of those that are to be measured
 */
export function askedSubjects(payload: MeasurePayload, ops: readonly string[]): readonly Subject[] {
  const anchor = anchorNetwork();
  return [
    { kind: 'anchor', id: 'anchor', networkHash: contentHash(anchor), network: anchor },
    ...networkSubjects(payload),
    ...ops.map((key) => ({ kind: 'op' as const, id: `op:${key}`, key })),
  ];
}

/** Each network once; the two sides of a comparison apart, even where they are the same. */
function networkSubjects({ networks, aim, target }: MeasurePayload): readonly Subject[] {
  const subjects = networks.map((network, index) => {
    const networkHash = contentHash(network as Network);
    const cold = target === 'cold' ? { target } : {};
    const subject = { kind: 'network' as const, id: `network:${networkHash}`, networkHash, network, ...cold };
    if (aim !== 'comparison') return subject;
    const copy = index === 0 ? ('a' as const) : ('b' as const);
    return { ...subject, id: `${copy}:${subject.id}`, copy };
  });
  return [...new Map(subjects.map((subject) => [subject.id, subject])).values()];
}
