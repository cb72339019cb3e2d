import { type Static, Type } from 'typebox';

/** Runtimes that can measure. */
export const RuntimeName = Type.Union([
  Type.Literal('onnxruntime'),
  Type.Literal('tfjs-node'),
  Type.Literal('tfjs-wasm'),
  Type.Literal('fake'),
  /** In a browser. */
  Type.Literal('onnxruntime-web'),
  Type.Literal('tfjs-web'),
]);
export type RuntimeName = Static<typeof RuntimeName>;

/** Element type that a device computes in: its op keys end in it. `int8` is static quantisation. */
export const DTypeName = Type.Union([Type.Literal('float32'), Type.Literal('int8')]);
export type DTypeName = Static<typeof DTypeName>;

/**
 * The facts a latency depends on and that survive a reboot. Their hash separates tables: two sessions share a table
 * exactly when every field is equal. Clock readings, load, temperature are observations, never fields of this.
 */
export const Environment = Type.Object(
  {
    cpuModel: Type.String(),
    /** Vector extensions that change kernels, sorted: `avx2`, `avx512f`, … */
    isa: Type.Array(Type.String()),
    arch: Type.String(),
    /** Kernel `major.minor`. */
    os: Type.String(),
    runtime: RuntimeName,
    runtimeVersion: Type.String(),
    /** SHA-256 of the native or WebAssembly library, `''` where there is none or it cannot be read. */
    libraryDigest: Type.String(),
    threads: Type.Integer({ minimum: 1 }),
    dtype: DTypeName,
    /** Whether the measuring process was pinned to one core. */
    pinned: Type.Boolean(),
    /**
     * Widths are best chosen as multiples of it: between them latency is flat, or higher where the flag `offStep` says
     * `slower`. 1 where there is no such step.
     */
    channelStep: Type.Integer({ minimum: 1 }),
    /** Runtime options that change what is measured, by name. */
    flags: Type.Record(Type.String(), Type.String()),
  },
  { $id: 'Environment', additionalProperties: false },
);
export type Environment = Static<typeof Environment>;
