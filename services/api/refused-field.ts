/** What TypeBox says about one mismatch (the shape of JSON Schema validators' errors). */
export interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface RefusedField {
  readonly pointer: string;
  readonly detail: string;
}

const UNION_BRANCH = /\/anyOf\/(\d+)(?=\/|$)/;

/**
 * The one mismatch a caller should read first, pointing at the field itself: the missing one, the unknown one, or the
 * one of the wrong type. Of a union's alternatives, the one that fits best speaks.
 */
export function refusedField(errors: readonly SchemaError[]): RefusedField {
  const first = errors[0];
  if (first === undefined) return { pointer: '', detail: 'does not fit its schema' };
  const branch = UNION_BRANCH.exec(first.schemaPath);
  if (branch !== null) return refusedInUnion(errors, first.schemaPath.slice(0, branch.index));
  const unknown = errors.find((error) => error.keyword === 'additionalProperties');
  return describe(first.keyword === 'boolean' && unknown !== undefined ? unknown : first);
}

function refusedInUnion(errors: readonly SchemaError[], unionPath: string): RefusedField {
  const branches = new Map<string, SchemaError[]>();
  for (const error of errors) {
    if (!error.schemaPath.startsWith(`${unionPath}/anyOf/`)) continue;
    const index = /^\d+/.exec(error.schemaPath.slice(unionPath.length + '/anyOf/'.length))?.[0] ?? '';
    const inBranch = { ...error, schemaPath: error.schemaPath.slice(`${unionPath}/anyOf/${index}`.length) };
    branches.set(index, [...(branches.get(index) ?? []), inBranch]);
  }
  const ranked = [...branches.values()].sort((a, b) => misfit(a) - misfit(b));
  const [best, second] = ranked;
  if (best === undefined) return describe(errors[0] as SchemaError);
  if (second === undefined || misfit(best) < misfit(second)) return refusedField(best);
  const details = [...new Set(ranked.map((branch) => refusedField(branch).detail))];
  const pointers = new Set(ranked.map((branch) => refusedField(branch).pointer));
  const union = errors.find((error) => error.schemaPath === unionPath);
  const pointer = pointers.size === 1 ? [...pointers][0] : union?.instancePath;
  return { pointer: pointer ?? '', detail: details.join(', or ') };
}

/** How far a value is from an alternative: fields of a wrong type count once, missing and unknown ones too. */
function misfit(errors: readonly SchemaError[]): number {
  let sum = 0;
  for (const error of errors) {
    if (error.keyword === 'boolean') continue;
    sum += namesOf(error)?.length ?? 1;
  }
  return sum;
}

function namesOf(error: SchemaError): readonly string[] | undefined {
  const names = error.params.additionalProperties ?? error.params.requiredProperties;
  return Array.isArray(names) ? (names as string[]) : undefined;
}

function describe(error: SchemaError): RefusedField {
  const name = namesOf(error)?.[0];
  if (name !== undefined) {
    const pointer = `${error.instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (error.keyword === 'required') return { pointer, detail: 'is missing' };
    if (error.keyword === 'additionalProperties') return { pointer, detail: 'unknown field' };
  }
  return { pointer: error.instancePath, detail: error.message };
}
