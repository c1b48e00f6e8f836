import { ClusterClient } from '../../../src/index.js';
import { type Random, seededRandom } from '../../../src/support/index.js';
import { eventually, HarnessError, LocalCluster } from '../../../src/testing/index.js';
import type { Fault, Scene } from './faults/index.js';
import { judgeCounter, judgeHash, judgeLeftovers, judgeRead, type Violation } from './invariants.js';
import { Journal, type Step, type StepTotals } from './journal.js';
import { Load, PATIENT_MS } from './load.js';
import { guardEventLoop } from './loop-guard.js';
import { NameService, NODE_NAME } from './name-service.js';
import { FIELDS } from './registers.js';
import { countersAt, isAlive, linksNamed, registersAt, replicationCaughtUp } from './servers.js';
import { clusterOptions, type Setting } from './setting.js';

/** Calls that must succeed before a fault and after recovery, so that both are seen under load. */
const CALLS_BETWEEN = 150;
/** The client must be at work again so long after the servers are, at the latest; a busy machine included. */
const RECOVERY_MS = 10_000;
/** A call of the first round after a fault. */
const PROBE_MS = 2_000;
const PROBE_KEYS = 96;
/** From the last deadline until a call counts as never settling; the journal's own bound is below. */
const SETTLE_MS = PATIENT_MS + 5_000;
const TRAFFIC_MS = 20_000;
const LEAVE_MS = 5_000;
/** Well beyond the time that `close` gives to what is in flight. */
const CLOSE_MS = 10_000;
/** Keeps the load's draws apart from those of the faults, which must not depend on timing. */
const LOAD_SEED = 0x5eed;

/** One fault as it went. */
export interface StepReport {
  readonly number: number;
  readonly name: string;
  /** What was drawn: which node, how long. */
  readonly detail: string;
  readonly durationMs: number;
  readonly totals: StepTotals;
  readonly violations: readonly Violation[];
  readonly suppressed: number;
}

/** What a round is made of. */
export interface RoundPlan {
  readonly seed: number;
  readonly setting: Setting;
  /** Asked for one fault after another, until there is none. */
  readonly nextFault: (random: Random) => Fault | undefined;
  readonly signal?: AbortSignal;
  /** Called after each fault, when its calls have settled and been judged. */
  readonly onStep?: (report: StepReport) => void;
}

/** All that a round showed. */
export interface RoundReport {
  readonly steps: readonly StepReport[];
  /** What was found after the last step, when all had been closed. */
  readonly atEnd: readonly Violation[];
}

/**
 * Starts servers and one client, lets faults happen one after another while the client is at work, and judges what it
 * did.
 * @throws {@link HarnessError} when the servers did not do what they were asked to, which says nothing of the client
 */
export async function runRound(plan: RoundPlan): Promise<RoundReport> {
  const endWatch = guardEventLoop(`round with seed ${plan.seed}`);
  try {
    const round = await Round.start(plan);
    try {
      await round.play();
      return await round.end();
    } finally {
      await round.stop();
    }
  } finally {
    await endWatch();
  }
}

class Round {
  readonly #plan: RoundPlan;
  readonly #cluster: LocalCluster;
  readonly #client: ClusterClient;
  readonly #clientName: string;
  readonly #names: NameService;
  readonly #journal = new Journal();
  readonly #load: Load;
  readonly #random: Random;
  readonly #signal: AbortSignal;
  readonly #pids = new Set<number>();
  readonly #reports: StepReport[] = [];
  readonly #details = new Map<Step, { readonly detail: string; readonly durationMs: number }>();

  private constructor(
    plan: RoundPlan,
    cluster: LocalCluster,
    client: ClusterClient,
    clientName: string,
    names: NameService,
  ) {
    this.#names = names;
    this.#plan = plan;
    this.#cluster = cluster;
    this.#client = client;
    this.#clientName = clientName;
    this.#random = seededRandom(plan.seed);
    this.#load = new Load(client, this.#journal, seededRandom(plan.seed ^ LOAD_SEED));
    this.#signal = plan.signal ?? new AbortController().signal;
  }

  static async start(plan: RoundPlan): Promise<Round> {
    const cluster = await LocalCluster.start(clusterOptions(plan.setting));
    const names = new NameService();
    const clientName = `chaos-${plan.seed}`;
    const client = new ClusterClient({
      seeds: plan.setting.isNamed
        ? cluster.nodes.map(({ port }) => ({ host: NODE_NAME, port }))
        : cluster.seeds,
      clientName,
      commands: { timeoutMs: PATIENT_MS },
      lookup: names.lookup,
    });
    return new Round(plan, cluster, client, clientName, names);
  }

  async play(): Promise<void> {
    let previous = this.#journal.current;
    if (!(await this.#begins(previous))) return;
    await this.#traffic(previous);
    for (;;) {
      this.#signal.throwIfAborted();
      const fault = this.#plan.nextFault(this.#random);
      if (fault === undefined) return;
      const step = this.#journal.begin(
        fault.name,
        fault,
        fault.replicasMayMiss.includes(this.#cluster.engine),
      );
      await this.#judge(previous);
      await this.#inflict(fault, step);
      previous = step;
      if (step.violations.some(({ invariant }) => invariant === 'recovers' || invariant === 'settles'))
        return;
    }
  }

  /** Everything is closed, and what remains is looked for. */
  async end(): Promise<RoundReport> {
    const last = this.#journal.current;
    this.#noteProcesses();
    const stopped = this.#load.stop();
    await this.#judge(last);
    if (last.open === 0) await stopped;
    const unsettled = await this.#closeClient();
    const links = await this.#leftoverLinks();
    await this.#cluster.stop();
    const pids = [...this.#pids].filter(isAlive);
    return { steps: this.#reports, atEnd: [...unsettled, ...judgeLeftovers({ links, pids })] };
  }

  /** Whatever happened, nothing goes on. */
  async stop(): Promise<void> {
    this.#journal.close();
    void this.#load.stop();
    // Not waited for: one that hangs has been reported by then.
    void this.#client.close({ drainMs: 0 });
    await this.#cluster.stop();
  }

  /** Fills the servers, and sets the load to work. */
  async #begins(step: Step): Promise<boolean> {
    try {
      await this.#load.prepare();
    } catch (error) {
      const message = `a cluster that is well could not be filled: ${String(error)}`;
      step.report([{ invariant: 'unharmed', message }]);
      return false;
    }
    await replicationCaughtUp(this.#cluster);
    this.#load.start();
    return true;
  }

  async #inflict(fault: Fault, step: Step): Promise<void> {
    const details: string[] = [];
    const startedAtMs = performance.now();
    const scene: Scene = {
      cluster: this.#cluster,
      client: this.#client,
      names: this.#names,
      random: this.#random,
      signal: this.#signal,
      say: (detail) => void details.push(detail),
    };
    await this.#traffic(step);
    // What is answered from here on may be lost with a primary; what was answered before must be safe first.
    step.enter('disturbed');
    await replicationCaughtUp(this.#cluster);
    this.#noteProcesses();
    await fault.inflict(scene);
    this.#noteProcesses();
    if (await this.#recovers(step)) {
      await replicationCaughtUp(this.#cluster);
      step.enter('recovered');
      await this.#traffic(step);
    }
    this.#details.set(step, { detail: details.join(', '), durationMs: performance.now() - startedAtMs });
  }

  /** Waits until calls succeed: proof that there is a load. */
  async #traffic(step: Step): Promise<void> {
    const enough = (): boolean => step.answeredInPhase >= CALLS_BETWEEN;
    try {
      await eventually(`${CALLS_BETWEEN} calls succeed`, enough, { withinMs: TRAFFIC_MS });
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      const message = `only ${step.answeredInPhase} calls succeeded in ${TRAFFIC_MS} ms with all servers well`;
      step.report([{ invariant: 'recovers', message }]);
    }
  }

  /** The servers are well: the client must be soon. */
  async #recovers(step: Step): Promise<boolean> {
    const client = this.#client.with({ timeoutMs: PROBE_MS });
    const probe = async (i: number): Promise<void> => {
      const key = `chaos:probe:${i}`;
      // Short deadlines, so that many can follow each other: its failures are counted here.
      const plan = {
        kind: 'SET and GET',
        key,
        deadlineMs: 2 * PROBE_MS,
        isImpatient: true,
        isRepeatable: true,
      };
      const outcome = await step.run(plan, async () => {
        await client.set(key, String(step.number));
        return client.get(key);
      });
      if (!outcome.ok) throw outcome.error;
      if (outcome.reply !== String(step.number)) {
        throw new HarnessError(`${key} is ${String(outcome.reply)}, not ${step.number}`);
      }
    };
    try {
      await eventually(
        'every key can be written and read again',
        () => Promise.all(Array.from({ length: PROBE_KEYS }, (_, i) => probe(i))),
        { withinMs: RECOVERY_MS },
      );
      return true;
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      step.report([{ invariant: 'recovers', message: error.message }]);
      return false;
    }
  }

  /** A step is over: its calls settle, and what they were told is compared with what the servers hold. */
  async #judge(step: Step): Promise<void> {
    try {
      await eventually('every call of the step has settled', () => step.open === 0, { withinMs: SETTLE_MS });
    } catch (error) {
      // The journal has named them.
      if (!(error instanceof HarnessError) || step.violations.length === 0) throw error;
    }
    const tallies = [...step.counters.values()];
    const counters = await countersAt(this.#cluster, tallies);
    for (const [tally, value] of counters) step.report(judgeCounter(tally, value, step.tolerance));
    // Their writer goes on meanwhile: what it is told from now on need not be there yet.
    const kept = this.#load.registers.map(({ key, kind, certain }) => ({ key, kind, certain }));
    const values = await registersAt(this.#cluster, this.#load.registers);
    this.#load.registers.forEach((register, i) => {
      const tally = { key: register.key, begun: register.begun, certain: kept[i]?.certain ?? 0 };
      const value = values.get(register) ?? null;
      const isHash = typeof value === 'object' && value !== null;
      step.report(isHash ? judgeHash(tally, FIELDS, value, 'no') : judgeRead(tally, value, 'no'));
    });
    const { number, name, totals, violations, suppressed } = step;
    const { detail = '', durationMs = 0 } = this.#details.get(step) ?? {};
    const report = { number, name, detail, durationMs, totals, violations, suppressed };
    this.#reports.push(report);
    this.#plan.onStep?.(report);
  }

  async #closeClient(): Promise<Violation[]> {
    let isClosed = false;
    void this.#client.close().then(() => (isClosed = true));
    try {
      await eventually('the client has closed', () => isClosed, { withinMs: CLOSE_MS });
      return [];
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      return [{ invariant: 'settles', message: `close() is unsettled after ${CLOSE_MS} ms` }];
    }
  }

  async #leftoverLinks(): Promise<string[]> {
    let links: string[] = [];
    const gone = async (): Promise<boolean> => {
      links = await linksNamed(this.#cluster, this.#clientName);
      return links.length === 0;
    };
    try {
      await eventually('the servers have no link of the closed client', gone, { withinMs: LEAVE_MS });
    } catch (error) {
      if (!(error instanceof HarnessError) || links.length === 0) throw error;
    }
    return links;
  }

  #noteProcesses(): void {
    for (const { pid } of this.#cluster.nodes) if (pid !== undefined) this.#pids.add(pid);
  }
}
