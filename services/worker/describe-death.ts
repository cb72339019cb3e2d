/** Why a child process ended without having said so. */
export interface Death {
  readonly kind: 'crashed' | 'out-of-memory';
  /** The exit code or signal, and the last words. */
  readonly message: string;
}

/**
 * @param code exit code, null after a signal
 * @param stderr the end of what it wrote there
 */
export function describeDeath(code: number | null, signal: NodeJS.Signals | null, stderr: string): Death {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const words = lastWords(stderr);
  // Nobody but the kernel, when memory runs out, sends a SIGKILL that the supervisor did not.
  const memory = signal === 'SIGKILL' || /heap out of memory|bad_alloc|Cannot allocate memory/.test(stderr);
  return { kind: memory ? 'out-of-memory' : 'crashed', message: words === '' ? how : `${how}: ${words}` };
}

/** The line that names an error, as Node prints it amid the stack, else the last line. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const error = lines.findLast((line) => /^\w*Error\b/.test(line));
  return (error ?? lines.at(-1) ?? '').trim();
}
