import type { InspectView } from '../../contracts/http/inspect.js';
import { contentHash } from '../../core/network/content-hash.js';
import { countMacs, macsByNode } from '../../core/network/macs.js';
import { peakActivationBytes } from '../../core/network/memory.js';
import type { Network, Shape } from '../../core/network/network.js';
import { countParams } from '../../core/network/params.js';
import { inferShapes } from '../../core/network/shapes.js';
import { weightShapes } from '../../core/network/weight-shapes.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { fuse } from '../../core/ops/fuse.js';
import { opMacs, opOutputShape } from '../../core/ops/op-macs.js';

/** All that a network's graph tells by itself. */
export function inspectNetwork(network: Network): InspectView {
  const shapes = inferShapes(network);
  const shapeOf = (id: string | undefined): number[] => [...((id === undefined ? [] : shapes.get(id)) ?? [])];
  return {
    name: network.name,
    networkHash: contentHash(network),
    inputShape: shapeOf(network.nodes[0]?.id),
    outputShape: shapeOf(network.nodes.at(-1)?.id),
    macs: countMacs(network),
    params: countParams(network),
    peakActivationBytes: peakActivationBytes(network),
    ops: opRows(network),
    layers: layerRows(network, shapes),
    widthGroups: widthGroups(network).map(({ id, width, frozen, frozenBecause, producers }) => ({
      id,
      width,
      frozen,
      ...(frozenBecause === undefined ? {} : { frozenBecause }),
      producers: [...producers],
    })),
  };
}

function opRows(network: Network): InspectView['ops'] {
  const rows = new Map<string, InspectView['ops'][number]>();
  for (const { key, op, nodes } of fuse(network)) {
    const row = rows.get(key);
    if (row === undefined) {
      const outputShape = [...opOutputShape(op)];
      rows.set(key, { key, kind: op.kind, count: 1, macs: opMacs(op), outputShape, nodes: [...nodes] });
    } else {
      row.count++;
      row.nodes.push(...nodes);
    }
  }
  return [...rows.values()];
}

function layerRows(network: Network, shapes: ReadonlyMap<string, Shape>): InspectView['layers'] {
  const macs = macsByNode(network);
  const params = paramsByNode(network);
  return network.nodes.map(({ id, op, inputs }) => ({
    id,
    op,
    inputs: [...inputs],
    outputShape: [...(shapes.get(id) ?? [])],
    macs: macs.get(id) ?? 0,
    params: params.get(id) ?? 0,
  }));
}

/** Trainable parameters; running statistics of batch norm are none. */
function paramsByNode(network: Network): ReadonlyMap<string, number> {
  const params = new Map<string, number>();
  for (const [name, shape] of weightShapes(network)) {
    const slash = name.lastIndexOf('/');
    const role = name.slice(slash + 1);
    if (role === 'mean' || role === 'variance') continue;
    const id = name.slice(0, slash);
    params.set(id, (params.get(id) ?? 0) + shape.reduce((product, axis) => product * axis, 1));
  }
  return params;
}
