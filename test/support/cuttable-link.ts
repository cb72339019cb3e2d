import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from './listen-on-loopback.js';

export interface CuttableLink {
  readonly port: number;
  /** From now on nothing gets through, in either direction, and nobody is told. */
  cut(): void;
  /** Nothing gets through connections that are open now, ever again, and nobody is told; new ones work. */
  forsake(): void;
  /** Connections from before are gone; new ones work. */
  heal(): void;
  close(): Promise<void>;
}

/** A TCP proxy on a free loopback port: the network between two processes, which a test may cut. */
export async function cuttableLink(targetPort: number): Promise<CuttableLink> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let generation = 0;
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    pass(near, far);
    pass(far, near);
  });
  function pass(from: Socket, to: Socket): void {
    const own = generation;
    const isThrough = () => !isCut && own === generation;
    sockets.add(from);
    from.on('data', (bytes) => {
      if (isThrough() && !to.destroyed) to.write(bytes);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (isThrough()) to.destroy();
    });
  }
  const port = await listenOnLoopback(server);
  return {
    port,
    cut: () => {
      isCut = true;
    },
    forsake: () => {
      generation++;
    },
    heal: () => {
      isCut = false;
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
