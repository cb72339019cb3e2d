/** A device and what it computes in; absent where that is not known. */
interface Computing {
  readonly device: string;
  readonly dtype?: string | undefined;
}

/**
 * What figures of a device in int8 are of: training and evaluation know nothing of quantisation.
 * @returns null where no device computes in int8
 */
export function quantisedText(devices: readonly Computing[]): string | null {
  const names = devices.filter(({ dtype }) => dtype === 'int8').map(({ device }) => device);
  if (names.length === 0) return null;
  return (
    `Latency on ${names.join(', ')} is that of the network quantised to int8. Every accuracy is that before quantisation, ` +
    'and the file to download is float32.'
  );
}
