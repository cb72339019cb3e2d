import { type Static, Type } from 'typebox';

export const ZooOptionView = Type.Object({
  description: Type.String(),
  type: Type.Union([Type.Literal('integer'), Type.Literal('number')]),
  minimum: Type.Number(),
  maximum: Type.Number(),
  default: Type.Number(),
});
export type ZooOptionView = Static<typeof ZooOptionView>;

/** `GET /zoo/:name`: what `{"zoo": name, "options": {…}}` can be. */
export const ZooNetworkView = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    options: Type.Record(Type.String(), ZooOptionView),
  },
  { $id: 'ZooNetworkView' },
);
export type ZooNetworkView = Static<typeof ZooNetworkView>;

export const ZooList = Type.Object({ networks: Type.Array(ZooNetworkView) }, { $id: 'ZooList' });
export type ZooList = Static<typeof ZooList>;
