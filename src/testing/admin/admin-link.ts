import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HarnessError } from '../harness-error.js';
import { type Argument, encodeCommand, isRefused, type Reply, ReplyParser } from './resp.js';

/** What the harness needs to speak to a node as its administrator. */
export interface AdminTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PEM texts; TLS is used when present. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
}

interface Pending {
  readonly name: string;
  resolve(reply: Reply): void;
  reject(error: HarnessError): void;
}

/** A healthy node on a busy machine answers an administrative command well within this. */
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * The harness's own way to a node: opened by the first command, and again after a loss. It never keeps the process
 * alive by itself; a command under way does, through its timer.
 */
export class AdminLink {
  readonly #target: AdminTarget;
  #socket: Socket | undefined;
  #pending: Pending[] = [];

  constructor(target: AdminTarget) {
    this.#target = target;
  }

  /**
   * Sends one command.
   * @throws {@link HarnessError} when the node refuses it, does not answer in time, or the link is lost
   */
  call(args: readonly Argument[], timeoutMs: number = COMMAND_TIMEOUT_MS): Promise<Reply> {
    const socket = (this.#socket ??= this.#open());
    return this.#send(socket, args, timeoutMs);
  }

  /** Forgets the link; what is under way is rejected. A later command opens a new one. */
  close(): void {
    this.#lose('closed by the harness');
  }

  get #address(): string {
    return `${this.#target.host}:${this.#target.port}`;
  }

  #open(): Socket {
    const { host, port, user, password, tls } = this.#target;
    const socket = tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port });
    const parser = new ReplyParser();
    socket.setNoDelay(true);
    socket.unref();
    socket.on('data', (bytes: Buffer) => {
      if (socket !== this.#socket) return;
      for (const reply of parser.push(bytes)) this.#settle(reply);
    });
    socket.on('error', (error) => this.#lose(error.message, socket));
    socket.on('close', () => this.#lose('closed by the node', socket));
    // A refused AUTH closes the link: whatever was sent behind it would only be refused as well.
    this.#send(socket, ['AUTH', user, password], COMMAND_TIMEOUT_MS).catch((error: HarnessError) =>
      this.#lose(error.message, socket),
    );
    return socket;
  }

  #send(socket: Socket, args: readonly Argument[], timeoutMs: number): Promise<Reply> {
    const name = commandName(args);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#lose(`no answer to ${name} within ${timeoutMs} ms`, socket),
        timeoutMs,
      );
      this.#pending.push({
        name,
        resolve(reply) {
          clearTimeout(timer);
          resolve(reply);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      // What is asked in one turn travels together: a node saves its slots once per packet rather than per command.
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      socket.write(encodeCommand(args));
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.shift();
    if (!pending) return;
    if (isRefused(reply)) {
      pending.reject(new HarnessError(`${this.#address} refused ${pending.name}: ${reply.refused}`));
    } else pending.resolve(reply);
  }

  #lose(reason: string, socket: Socket | undefined = this.#socket): void {
    if (socket !== this.#socket || !socket) return;
    this.#socket = undefined;
    socket.destroy();
    const lost = this.#pending;
    this.#pending = [];
    for (const pending of lost) {
      pending.reject(new HarnessError(`${this.#address} did not answer ${pending.name}: ${reason}`));
    }
  }
}

/** The command's name without anything that could be a key or a secret. */
function commandName(args: readonly Argument[]): string {
  const [name, subcommand] = args;
  return name === 'CLUSTER' || name === 'CLIENT' ? `${name} ${String(subcommand)}` : String(name);
}
