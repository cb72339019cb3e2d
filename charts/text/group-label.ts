/**
 * A width group by the name a reader knows: `block3/expand/conv` → `block 3 · expand`. Ids of imported networks that do
 * not follow the zoo's pattern stay as they are.
 */
export function groupLabel(groupId: string): string {
  const parts = groupId.split('/').filter((part) => part !== 'conv');
  if (parts.length === 0) return groupId;
  return parts.map((part) => part.replace(/^([a-z]+?)(\d+)$/, '$1 $2')).join(' · ');
}
