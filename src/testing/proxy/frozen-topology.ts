import { connect } from 'node:net';
import { HarnessError } from '../harness-error.js';
import { FrameScanner } from './frame-scanner.js';

/** Who asks a server. */
export interface Credentials {
  /** @defaultValue `'default'` */
  readonly username?: string;
  readonly password: string;
}

/** A reply, made when its turn comes: only then is the protocol's version certain. */
export type Answer = (isResp3: boolean) => Buffer;

const QUESTIONS = ['CLUSTER SHARDS', 'CLUSTER SLOTS', 'CLUSTER NODES', 'CLUSTER INFO'] as const;
const DEADLINE_MS = 5_000;

/** What a server told of its cluster at one moment, byte by byte, in both versions of the protocol. */
export class FrozenTopology {
  readonly #resp2: ReadonlyMap<string, Buffer>;
  readonly #resp3: ReadonlyMap<string, Buffer>;

  private constructor(resp2: ReadonlyMap<string, Buffer>, resp3: ReadonlyMap<string, Buffer>) {
    this.#resp2 = resp2;
    this.#resp3 = resp3;
  }

  /** Asks the server over a connection of its own. */
  static async take(
    target: { readonly host: string; readonly port: number },
    credentials?: Credentials,
  ): Promise<FrozenTopology> {
    const auth = credentials && ['AUTH', credentials.username ?? 'default', credentials.password];
    const questions = QUESTIONS.map((each) => each.split(' '));
    const commands = [...(auth ? [auth] : []), ['HELLO', '2'], ...questions, ['HELLO', '3'], ...questions];
    const replies = await exchange(target, commands);
    const greetings = replies.slice(0, auth ? 2 : 1);
    const refused = greetings.find((reply) => reply.toString('latin1').startsWith('-'));
    if (refused) throw new HarnessError(`staleTopology: the server said ${refused.toString().trim()}`);
    const copies = replies.slice(greetings.length);
    const copy = (from: number): Map<string, Buffer> =>
      new Map(QUESTIONS.map((name, i) => [name, copies[from + i] as Buffer]));
    return new FrozenTopology(copy(0), copy(QUESTIONS.length + 1));
  }

  answerTo(name: string): Answer | undefined {
    if (!this.#resp2.has(name)) return undefined;
    return (isResp3) => (isResp3 ? this.#resp3 : this.#resp2).get(name) as Buffer;
  }
}

/** Sends commands in one write; resolves with their replies as they are on the wire. */
function exchange(
  target: { readonly host: string; readonly port: number },
  commands: ReadonlyArray<readonly string[]>,
): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.host, port: target.port });
    const replies: Buffer[] = [];
    let pieces: Buffer[] = [];
    const scanner = new FrameScanner('replies');
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new HarnessError(`${target.host}:${target.port} did not tell its topology: ${reason}`));
    };
    socket.setTimeout(DEADLINE_MS, () => fail(`no answer within ${DEADLINE_MS} ms`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the connection was closed'));
    socket.on('data', (bytes) => {
      scanner.push(bytes, (buffer, from, to, _head, isLast) => {
        pieces.push(buffer.subarray(from, to));
        if (!isLast) return;
        replies.push(Buffer.concat(pieces));
        pieces = [];
      });
      if (replies.length < commands.length) return;
      resolve(replies);
      socket.destroy();
    });
    for (const args of commands) {
      const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
      socket.write(`*${args.length}\r\n${parts.join('')}`);
    }
  });
}
