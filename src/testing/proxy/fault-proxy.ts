import { InvalidArgumentError } from '../../errors/index.js';
import { HarnessError } from '../harness-error.js';
import { PortPool } from '../process/index.js';
import type { ProxyCounters } from './counters.js';
import {
  checkChoice,
  checkDirection,
  checkNumber,
  checkOptions,
  checkWhole,
  type FaultDirection,
  type FaultName,
  type FaultProxyOptions,
  FAULTS,
  type LatencyOptions,
  MAX_BYTES_PER_SECOND,
  MAX_LATENCY_MS,
} from './fault-options.js';
import { type Credentials, FrozenTopology } from './frozen-topology.js';
import { Proxy } from './proxy.js';
import type { AnswerOptions, CutOptions, GarbageOptions } from './reply-faults.js';

const DEFAULT_SEED = 1;
const DEFAULT_GARBAGE = 'this is no RESP\r\n';
const HOST = '127.0.0.1';

/** For proxies that stand alone. Holds its ports for the life of the process, and does not keep that alive. */
const ports = new PortPool();

let construct: (proxy: Proxy, credentials: Credentials | undefined) => FaultProxy;

/**
 * A TCP proxy on 127.0.0.1 before one server, which does to connections what networks and servers do on bad days.
 *
 * Faults are switched on and off while connections are open. They concern open connections as well as new ones, those of
 * clients only: in a proxied {@link LocalCluster} replication passes untouched (`refuse` excepted). Several can be on
 * together. `cut`, `garbage` and `answer` are over after `count` commands, `reset` is an event; all others stay until
 * {@link FaultProxy.clear}.
 *
 * A network's faults lie between the client and the server's faults: what the proxy answers in the server's place is
 * delayed, held and split like anything else.
 *
 * @example
 * ```ts
 * const proxy = await FaultProxy.start({ target: { host: '127.0.0.1', port: 6379 } });
 * proxy.answer({ error: 'LOADING Redis is loading the dataset in memory', count: 3 });
 * proxy.latency({ ms: 20, jitterMs: 5 });
 * await proxy.clear();
 * await proxy.stop();
 * ```
 * @public
 */
export class FaultProxy {
  readonly #proxy: Proxy;
  readonly #credentials: Credentials | undefined;
  readonly #active: Set<FaultName> = new Set();
  /** Counts the orders about the stale topology, so that one overtaken by another has no effect. */
  #topologyOrders = 0;

  private constructor(proxy: Proxy, credentials: Credentials | undefined) {
    this.#proxy = proxy;
    this.#credentials = credentials;
  }

  static {
    construct = (proxy, credentials) => new FaultProxy(proxy, credentials);
  }

  /**
   * Starts a proxy on a free port. The server need not run yet.
   * @throws `InvalidOptionsError` listing everything that is wrong with the options
   * @throws {@link HarnessError} when there is no free port
   */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    checkOptions(options);
    const { target, tls = false, credentials, seed = DEFAULT_SEED } = options;
    const proxy = new Proxy({
      host: HOST,
      port: await ports.take(),
      target,
      isReadable: !tls,
      seed,
      baseLatencyMs: 0,
      surroundings: { isNode: () => false, isSevered: () => false },
    });
    await proxy.open();
    return construct(proxy, credentials);
  }

  get host(): string {
    return this.#proxy.settings.host;
  }

  get port(): number {
    return this.#proxy.settings.port;
  }

  /** Where clients connect: `127.0.0.1:port`. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** The server behind it: `host:port`. */
  get target(): string {
    const { host, port } = this.#proxy.settings.target;
    return `${host}:${port}`;
  }

  /** Faults that are on. */
  get faults(): FaultName[] {
    const { replyFaults } = this.#proxy;
    return FAULTS.filter((fault) => {
      if (fault === 'answer') return replyFaults.isAnswering;
      if (fault === 'cut') return replyFaults.isCutting;
      if (fault === 'garbage') return replyFaults.isGarbling;
      return this.#active.has(fault);
    });
  }

  /** What went through, as it stands now. */
  get counters(): ProxyCounters {
    return this.#proxy.counters;
  }

  /** Sets all counts to 0, except that of open connections. */
  resetCounters(): void {
    this.#proxy.resetCounters();
  }

  /** Delays what passes. A second call replaces the first. */
  latency({ ms, jitterMs = 0, direction = 'toClient' }: LatencyOptions): void {
    checkNumber('latency: ms', ms, 0, MAX_LATENCY_MS);
    checkNumber('latency: jitterMs', jitterMs, 0, MAX_LATENCY_MS);
    checkDirection('latency', direction);
    this.#set('latency', ms > 0 || jitterMs > 0);
    this.#setLatency(ms, jitterMs, direction);
  }

  /**
   * Lets nothing pass. Connections stay open; new ones are accepted and silent. What was sent waits, as TCP sees to it,
   * and arrives when the fault is removed.
   */
  blackhole(direction: FaultDirection = 'both'): void {
    checkDirection('blackhole', direction);
    this.#set('blackhole', true);
    this.#hold(direction);
  }

  /**
   * Refuses new connections, as a port on which nobody listens; open ones stay. A closed port knows no difference: in a
   * proxied {@link LocalCluster} new replicas of the node are refused too.
   */
  async refuse(): Promise<void> {
    this.#set('refuse', true);
    await this.#proxy.refuse(true);
  }

  /** Breaks off every open connection now (RST). @returns how many there were */
  reset(): number {
    this.#checkRunning('reset');
    return this.#proxy.resetClients();
  }

  /**
   * Closes the connection in the midst of a reply, after so many of its bytes. With TLS, where replies cannot be told
   * apart, after so many of the next bytes from the server; `commands` is refused then.
   */
  cut(options: CutOptions): void {
    checkWhole('cut: afterBytes', options.afterBytes, 0);
    this.#checkRunning('cut');
    if (options.commands !== undefined) this.#checkReadable('cut: commands');
    checkChoice('cut', options);
    this.#proxy.replyFaults.cut(options);
  }

  /** Lets every byte travel by itself. */
  split(direction: FaultDirection = 'both'): void {
    checkDirection('split', direction);
    this.#set('split', true);
    const { conditions } = this.#proxy;
    conditions.toServer.isSplit = direction !== 'toClient';
    conditions.toClient.isSplit = direction !== 'toServer';
    this.#proxy.refresh();
  }

  /** Puts bytes that are no RESP in the place of a reply. Not with TLS. */
  garbage(options: GarbageOptions = {}): void {
    this.#checkReadable('garbage');
    checkChoice('garbage', options);
    const { bytes = DEFAULT_GARBAGE, ...choice } = options;
    const garbage = Buffer.from(bytes as Buffer);
    if (garbage.length === 0) throw new InvalidArgumentError('garbage: bytes must not be empty');
    this.#proxy.replyFaults.garbage(garbage, choice);
  }

  /**
   * Lets so many bytes a second pass, each way of each connection. The proxy holds at most a mebibyte; then the sender
   * has to wait.
   */
  slow({ bytesPerSecond }: { readonly bytesPerSecond: number }): void {
    checkNumber('slow: bytesPerSecond', bytesPerSecond, 1, MAX_BYTES_PER_SECOND);
    this.#set('slow', true);
    this.#limit(bytesPerSecond);
  }

  /**
   * Closes the connection in the place of a `READONLY` reply, as ElastiCache does by default to clients that write to a
   * replica (`close-on-replica-write`). Not with TLS.
   */
  closeOnReplicaWrite(): void {
    this.#checkReadable('closeOnReplicaWrite');
    this.#set('closeOnReplicaWrite', true);
    this.#proxy.replyFaults.closesOnReplicaWrite = true;
  }

  /**
   * Freezes the server's replies to `CLUSTER SHARDS`, `CLUSTER SLOTS`, `CLUSTER NODES` and `CLUSTER INFO` as they are at
   * this moment; called again, as they are then. Not with TLS.
   * @throws {@link HarnessError} when the server does not answer
   */
  async staleTopology(): Promise<void> {
    this.#checkReadable('staleTopology');
    const order = ++this.#topologyOrders;
    const frozen = await FrozenTopology.take(this.#proxy.settings.target, this.#credentials);
    if (order !== this.#topologyOrders || this.#proxy.isStopped) return;
    this.#set('staleTopology', true);
    this.#proxy.replyFaults.frozen = frozen;
  }

  /**
   * Answers commands with an error in the server's place, which does not see them. Of several answers that fit, the one
   * ordered first is given. Not with TLS.
   */
  answer(options: AnswerOptions): void {
    const { error } = options;
    if (typeof error !== 'string' || error === '' || /^-|[\r\n]/.test(error)) {
      throw new InvalidArgumentError(
        'answer: error is one line of text without the leading dash: `LOADING the dataset`',
      );
    }
    this.#checkReadable('answer');
    checkChoice('answer', options);
    this.#proxy.replyFaults.answer(options);
  }

  /** Removes the named faults, all of them when none is named. Latency that a cluster has between zones stays. */
  async clear(...faults: readonly FaultName[]): Promise<void> {
    const unknown = faults.find((fault) => !FAULTS.includes(fault));
    if (unknown !== undefined)
      throw new InvalidArgumentError(`clear: there is no fault ${unknown}; there are ${FAULTS.join(', ')}`);
    for (const fault of faults.length > 0 ? faults : FAULTS) await this.#remove(fault);
  }

  /** Closes all connections and the port. Can be called any number of times. */
  stop(): Promise<void> {
    return this.#proxy.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #remove(fault: FaultName): Promise<void> {
    const { replyFaults, conditions } = this.#proxy;
    this.#active.delete(fault);
    switch (fault) {
      case 'latency':
        this.#setLatency(0, 0, 'both');
        break;
      case 'blackhole':
        this.#hold(undefined);
        break;
      case 'refuse':
        await this.#proxy.refuse(false);
        break;
      case 'split':
        conditions.toServer.isSplit = false;
        conditions.toClient.isSplit = false;
        this.#proxy.refresh();
        break;
      case 'slow':
        this.#limit(Number.POSITIVE_INFINITY);
        break;
      case 'closeOnReplicaWrite':
        replyFaults.closesOnReplicaWrite = false;
        break;
      case 'staleTopology':
        this.#topologyOrders++;
        replyFaults.frozen = undefined;
        break;
      case 'answer':
      case 'cut':
      case 'garbage':
        replyFaults.clear(fault);
        break;
    }
  }

  #set(fault: FaultName, isOn: boolean): void {
    this.#checkRunning(fault);
    if (isOn) this.#active.add(fault);
    else this.#active.delete(fault);
  }

  #setLatency(ms: number, jitterMs: number, direction: FaultDirection): void {
    const { conditions, settings } = this.#proxy;
    const isOff = ms === 0 && jitterMs === 0;
    for (const each of ['toServer', 'toClient'] as const) {
      const isMeant = direction === 'both' || direction === each;
      conditions[each].latencyMs = isMeant ? ms : 0;
      conditions[each].jitterMs = isMeant ? jitterMs : 0;
    }
    if (isOff) conditions.toClient.latencyMs = settings.baseLatencyMs;
    this.#proxy.refresh();
  }

  #hold(direction: FaultDirection | undefined): void {
    const { conditions } = this.#proxy;
    conditions.toServer.isHeld = direction === 'toServer' || direction === 'both';
    conditions.toClient.isHeld = direction === 'toClient' || direction === 'both';
    this.#proxy.refresh();
  }

  #limit(bytesPerSecond: number): void {
    const { conditions } = this.#proxy;
    conditions.toServer.bytesPerSecond = bytesPerSecond;
    conditions.toClient.bytesPerSecond = bytesPerSecond;
    this.#proxy.refresh();
  }

  #checkRunning(fault: string): void {
    if (this.#proxy.isStopped) throw new HarnessError(`${fault}: the proxy is stopped`);
  }

  #checkReadable(fault: string): void {
    this.#checkRunning(fault);
    if (this.#proxy.settings.isReadable) return;
    throw new HarnessError(`${fault} must read what passes, and what passes through ${this.address} is TLS`);
  }
}

/** The faults of a proxy that belongs to a cluster. */
export function faultsOf(proxy: Proxy, credentials: Credentials | undefined): FaultProxy {
  return construct(proxy, credentials);
}
