import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnLoopback } from './listen-on-loopback.js';

export interface SlowLink {
  readonly port: number;
  close(): Promise<void>;
}

const PIECE_BYTES = 4_096;

/** A TCP proxy on a free loopback port that lets every connection carry so much a second, in each direction. */
export async function slowLink(targetPort: number, bytesPerSecond: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    void pass(near, far);
    void pass(far, near);
  });

  async function pass(from: Socket, to: Socket): Promise<void> {
    sockets.add(from);
    from.on('error', () => undefined).on('close', () => sockets.delete(from));
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length && !to.destroyed; at += PIECE_BYTES) {
          const piece = chunk.subarray(at, at + PIECE_BYTES);
          await sleep((piece.length / bytesPerSecond) * 1000);
          to.write(piece);
        }
      }
    } catch {
      // One end hung up.
    }
    to.destroy();
  }

  const port = await listenOnLoopback(server);
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
