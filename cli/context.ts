import { ApiClient } from './http/api-client.js';
import { Output, type Sink } from './output.js';
import { resolveSettings, type Settings } from './settings.js';
import { ProgressDisplay } from './text/progress-display.js';

/** What the process gives every command. */
export interface Surroundings {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly token?: string;
  readonly ca?: string;
}

/** Everything a command needs to do its work. */
export interface CommandContext {
  readonly surroundings: Surroundings;
  readonly settings: Settings;
  readonly client: ApiClient;
  readonly output: Output;
  readonly progress: ProgressDisplay;
  readonly signal: AbortSignal;
}

export function commandContext(surroundings: Surroundings, options: CommonOptions): CommandContext {
  const settings = resolveSettings(options, surroundings.env);
  return {
    surroundings,
    settings,
    client: new ApiClient(settings, surroundings.signal),
    output: new Output(surroundings.stdout, surroundings.stderr, options.json === true),
    progress: new ProgressDisplay(surroundings.stderr, () => performance.now()),
    signal: surroundings.signal,
  };
}
