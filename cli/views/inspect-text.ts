import { compactCount } from '../../charts/text/figures.js';
import { groupLabel } from '../../charts/text/group-label.js';
import type { InspectView } from '../../contracts/http/inspect.js';
import { terminalTable } from '../text/terminal-table.js';

export function inspectText(view: InspectView, withLayers: boolean): string {
  const blocks = [
    [
      `${view.name}  ${view.inputShape.join('×')} → ${view.outputShape.join('×')}`,
      `  MACs        ${view.macs.toLocaleString('en')}`,
      `  parameters  ${view.params.toLocaleString('en')}`,
      `  activations ${(view.peakActivationBytes / 1024).toFixed(0)} KiB at the peak`,
      `  hash        ${view.networkHash.slice(0, 16)}…`,
    ].join('\n'),
    opTable(view),
    groupTable(view),
  ];
  if (withLayers) blocks.push(layerTable(view));
  return blocks.join('\n\n');
}

function opTable(view: InspectView): string {
  return terminalTable(
    [
      { title: 'op' },
      { title: 'count', numeric: true },
      { title: 'MACs each', numeric: true },
      { title: 'output' },
    ],
    view.ops.map((op) => [op.key, String(op.count), compactCount(op.macs), op.outputShape.join('×')]),
  );
}

function groupTable(view: InspectView): string {
  return terminalTable(
    [
      { title: 'width group' },
      { title: 'width', numeric: true },
      { title: 'layers', numeric: true },
      { title: '' },
    ],
    view.widthGroups.map((group) => [
      groupLabel(group.id),
      String(group.width),
      String(group.producers.length),
      group.frozen ? `kept: ${group.frozenBecause ?? 'frozen'}` : '',
    ]),
  );
}

function layerTable(view: InspectView): string {
  return terminalTable(
    [
      { title: 'layer' },
      { title: 'op' },
      { title: 'output' },
      { title: 'MACs', numeric: true },
      { title: 'parameters', numeric: true },
    ],
    view.layers.map((layer) => [
      layer.id,
      layer.op,
      layer.outputShape.join('×'),
      layer.macs.toLocaleString('en'),
      layer.params.toLocaleString('en'),
    ]),
  );
}
