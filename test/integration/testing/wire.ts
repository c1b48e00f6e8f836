import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '../../../src/testing/index.js';

/** A plain socket that remembers what came, chunk by chunk, and how it ended. */
export interface Wire {
  readonly socket: Socket;
  readonly chunks: Buffer[];
  readonly text: string;
  /** `reset` for ECONNRESET, `end` when the other side closed. */
  readonly ending: string | undefined;
  send(text: string): void;
  /** Waits until exactly this has come. */
  expect(text: string): Promise<void>;
  ended(how: string): Promise<void>;
}

/** Resolves when the connection stands; rejects with the error's code. */
export async function openWire(target: { readonly host: string; readonly port: number }): Promise<Wire> {
  const socket = connect({ host: target.host, port: target.port });
  const chunks: Buffer[] = [];
  let ending: string | undefined;
  socket.on('data', (bytes: Buffer) => chunks.push(bytes));
  socket.on('end', () => {
    ending ??= 'end';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ending ??= error.code === 'ECONNRESET' ? 'reset' : String(error.code);
  });
  await once(socket, 'connect');
  return {
    socket,
    chunks,
    get text() {
      return Buffer.concat(chunks).toString('latin1');
    },
    get ending() {
      return ending;
    },
    send: (text) => void socket.write(text),
    expect: (text) =>
      eventually(`the wire holds ${JSON.stringify(text)}`, () => {
        const found = Buffer.concat(chunks).toString('latin1');
        if (found !== text) throw new Error(JSON.stringify(found.slice(0, 200)));
      }).then(() => undefined),
    ended: (how) => eventually(`the wire is at its ${how}`, () => ending === how).then(() => undefined),
  };
}
