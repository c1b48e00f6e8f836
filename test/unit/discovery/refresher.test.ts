import { describe, expect, it } from 'vitest';
import {
  type RefresherOptions,
  type RefreshTrigger,
  type SeedProvider,
  TopologyRefresher,
} from '../../../src/discovery/index.js';
import { ConnectError, SeedsExhaustedError } from '../../../src/errors/index.js';
import {
  advance,
  type AnswersObservation,
  initialState,
  type TopologyState,
} from '../../../src/topology/index.js';
import { ManualClock } from '../../support/manual-clock.js';
import { FakeNodes, type Layout, tells, turns } from './fake-nodes.js';

const THREE: Layout = [
  [0, 5460, 'a:1', 'a:2'],
  [5461, 10_922, 'b:1', 'b:2'],
  [10_923, 16_383, 'c:1', 'c:2'],
];
const PROMOTED: Layout = [
  [0, 5460, 'a:1', 'a:2'],
  [5461, 10_922, 'b:2', 'b:1'],
  [10_923, 16_383, 'c:1', 'c:2'],
];
const ADDRESSES = THREE.flatMap(([, , ...addresses]) => addresses);
const lost = { lost: new ConnectError('refused') };

class Subject {
  readonly clock = new ManualClock();
  readonly nodes = new FakeNodes();
  readonly refresher: TopologyRefresher;
  readonly observed: Array<{ observation: AnswersObservation; trigger: RefreshTrigger }> = [];
  readonly failures: Error[] = [];
  state: TopologyState = initialState;
  witnesses: readonly string[] = [];
  /** Addresses of primaries that cannot be used. */
  down: readonly string[] = [];

  constructor(over: Partial<RefresherOptions> = {}) {
    for (const address of ADDRESSES) this.nodes.add(address, tells(THREE));
    this.refresher = new TopologyRefresher({
      seeds: { getSeeds: () => Promise.resolve([{ host: '127.0.0.1', port: 1 }]) },
      nodes: this.nodes,
      tls: false,
      lookup: undefined,
      refreshIntervalMs: 30_000,
      minRefreshGapMs: 200,
      nodesAsked: 3,
      askTimeoutMs: 3_000,
      clock: this.clock,
      random: () => 0.5,
      current: () => this.state.topology,
      witnesses: () => this.witnesses,
      troubled: () =>
        this.state.topology.shards.filter(({ primary }) => this.down.includes(primary?.address ?? '')),
      observe: (observation, trigger) => {
        this.observed.push({ observation, trigger });
        const before = this.state.topology;
        this.state = advance(this.state, observation);
        return this.state.topology !== before;
      },
      onRefreshed: () => {},
      onFailed: (_trigger, error) => this.failures.push(error),
      ...over,
    });
  }

  /** Begins at the seed, which tells three shards. */
  async begun(): Promise<this> {
    this.nodes.add('127.0.0.1:1', tells(THREE));
    await this.refresher.start();
    return this;
  }

  /** Lets time pass, and everything happen that becomes due. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10) {
      this.clock.advance(Math.min(10, left));
      await turns();
    }
  }

  /** Lets the topology settle: periods have grown to their full length. */
  async quiet(): Promise<this> {
    await this.pass(60_000);
    return this;
  }

  all(change: (address: string) => void): void {
    for (const address of ADDRESSES) change(address);
  }

  get triggers(): readonly RefreshTrigger[] {
    return this.observed.map(({ trigger }) => trigger);
  }
}

describe('a refresher begins', () => {
  it('with the seed, asked once', async () => {
    const subject = await new Subject().begun();
    expect(subject.state.topology.shards).toHaveLength(3);
    expect(subject.triggers).toEqual(['start']);
    expect(subject.refresher).toMatchObject({ refreshes: 1, questions: 1, failures: 0 });
    expect(subject.nodes.find('a:1')!.asked).toEqual([]);
  });

  it('not at all when no seed answers, and says why for each', async () => {
    const seeds = [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.2', port: 2 },
    ];
    const subject = new Subject({ seeds: { getSeeds: () => Promise.resolve(seeds) } });
    subject.nodes.add('127.0.0.1:1', () => lost);
    subject.nodes.add('127.0.0.2:2', tells([]));
    const error = await subject.refresher.start().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SeedsExhaustedError);
    expect((error as SeedsExhaustedError).failures).toMatchObject([
      { seed: '127.0.0.1:1', error: { message: 'refused' } },
      { seed: '127.0.0.2:2', error: { message: '127.0.0.2:2 knows of no shard with slots' } },
    ]);
    expect(subject.refresher.failures).toBe(1);
    await subject.pass(20_000);
    expect(subject.refresher.refreshes, 'whoever began tries again').toBe(1);
  });

  it('not at all when there is no seed', async () => {
    const subject = new Subject({ seeds: { getSeeds: () => Promise.resolve([]) } });
    await expect(subject.refresher.start()).rejects.toThrow('there is no seed to ask');
  });

  const providers: ReadonlyArray<readonly [string, SeedProvider, RegExp]> = [
    ['fails', { getSeeds: () => Promise.reject(new Error('denied')) }, /the seed provider: denied/],
    [
      'throws at once',
      {
        getSeeds: () => {
          throw new Error('broken');
        },
      },
      /the seed provider: broken/,
    ],
    [
      'never answers',
      { getSeeds: () => new Promise(() => {}) },
      /the seed provider: it did not answer within topology.askTimeoutMs \(3000 ms\)/,
    ],
  ];

  it.each(providers)('not at all when the seed provider %s', async (_what, seeds, message) => {
    const subject = new Subject({ seeds });
    const started = expect(subject.refresher.start()).rejects.toThrow(message);
    await subject.pass(3_000);
    await started;
    expect(subject.clock.pending).toBe(0);
  });
});

describe('a refresher asks', () => {
  it('at most one round at a time: who asks for a refresh meanwhile shares it', async () => {
    const subject = await (await new Subject().begun()).quiet();
    const before = subject.refresher.refreshes;
    await Promise.all([subject.refresher.refresh(), subject.refresher.refresh()]);
    expect(subject.refresher.refreshes).toBe(before + 1);
  });

  it('once more when something was noticed while it asked', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.all((address) => (subject.nodes.find(address)!.react = () => 'hangs'));
    const before = subject.refresher.refreshes;
    subject.refresher.request('readOnly');
    await subject.pass(20);
    expect(subject.refresher.refreshes).toBe(before + 1);
    for (let i = 0; i < 5; i++) subject.refresher.request('moved');
    subject.all((address) => {
      const node = subject.nodes.find(address)!;
      node.react = tells(THREE);
      for (const attempt of node.unanswered.splice(0))
        attempt.failed({ kind: 'link', executed: 'maybe', error: lost.lost });
    });
    await subject.pass(250);
    expect(subject.refresher.refreshes, 'one for all five').toBe(before + 2);
    expect(subject.triggers.at(-1)).toBe('moved');
  });

  it('no sooner than the least gap allows, and once for all that ask meanwhile', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.refresher.request('readOnly');
    await subject.pass(10);
    const before = subject.refresher.refreshes;
    for (let i = 0; i < 100; i++) subject.refresher.request('readOnly');
    await subject.pass(180);
    expect(subject.refresher.refreshes).toBe(before);
    await subject.pass(20);
    expect(subject.refresher.refreshes).toBe(before + 1);
  });

  it('ever more seldom what nobody waits for, until the cluster is quiet', async () => {
    const subject = await (await new Subject({ refreshIntervalMs: 0 }).begun()).quiet();
    const startsAtMs: number[] = [];
    let last = subject.refresher.refreshes;
    for (let i = 0; i < 800; i++) {
      subject.refresher.request('moved');
      await subject.pass(10);
      if (subject.refresher.refreshes > last) startsAtMs.push(subject.clock.nowMs());
      last = subject.refresher.refreshes;
    }
    const gaps = startsAtMs.slice(1).map((at, i) => Math.round((at - startsAtMs[i]!) / 100) * 100);
    expect(gaps).toEqual([400, 800, 1_600, 2_000, 2_000]);
    subject.refresher.request('clusterDown');
    await subject.pass(200);
    expect(subject.refresher.refreshes, 'somebody waits for this').toBe(last + 1);
  });

  it('periodically, soon after a change and then less and less often', async () => {
    const subject = await new Subject({ refreshIntervalMs: 4_000 }).begun();
    const startsAtMs = [subject.clock.nowMs()];
    for (let i = 0; i < 2_000; i++) {
      const before = subject.refresher.refreshes;
      await subject.pass(10);
      if (subject.refresher.refreshes > before) startsAtMs.push(subject.clock.nowMs());
    }
    const gaps = startsAtMs.slice(1).map((at, i) => at - startsAtMs[i]!);
    // The random number is one half: each period is a twentieth shorter.
    expect(gaps.map((gap) => Math.round(gap / 0.95 / 100) * 100)).toEqual([
      500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000,
    ]);
    expect(new Set(subject.triggers)).toEqual(new Set(['start', 'periodic']));
  });

  it('never by itself when the interval is 0', async () => {
    const subject = await (await new Subject({ refreshIntervalMs: 0 }).begun()).quiet();
    expect(subject.refresher.refreshes).toBe(1);
  });

  it('those first who can settle what is in doubt', async () => {
    const subject = await (await new Subject({ nodesAsked: 1 }).begun()).quiet();
    for (const witness of ADDRESSES) {
      subject.witnesses = [witness];
      await subject.refresher.refresh();
      expect(subject.observed.at(-1)!.observation.answers.map(({ from }) => from)).toEqual([witness]);
    }
  });

  it('nobody of whom it is known that he cannot be reached, and tells who that is', async () => {
    const subject = await (await new Subject().begun()).quiet();
    const sick = ['a:1', 'b:2', 'c:1'];
    const before = sick.map((address) => subject.nodes.find(address)!.asked.length);
    for (const address of sick) subject.nodes.find(address)!.isUsable = false;
    await subject.refresher.refresh();
    expect(sick.map((address) => subject.nodes.find(address)!.asked.length)).toEqual(before);
    const { observation } = subject.observed.at(-1)!;
    expect(observation.answers).toHaveLength(3);
    expect(observation.unreachable.toSorted()).toEqual(sick);
  });

  it('somebody else when one hangs, and decides without him', async () => {
    const subject = await (await new Subject().begun()).quiet();
    const hung = ['a:1', 'b:1', 'c:1', 'a:2'];
    for (const address of hung) subject.nodes.find(address)!.react = () => 'hangs';
    const refreshed = subject.refresher.refresh();
    await subject.pass(1_100);
    await refreshed;
    const { observation } = subject.observed.at(-1)!;
    expect(observation.answers.length).toBeGreaterThan(0);
    expect(observation.unreachable.length).toBeGreaterThan(0);
    expect(hung).toEqual(expect.arrayContaining([...observation.unreachable]));
    expect(subject.failures).toEqual([]);
  });
});

describe('a refresher in trouble', () => {
  it('asks one node after the other, in quick succession, until a primary is known', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.down = ['b:1'];
    subject.nodes.find('b:1')!.isUsable = false;
    subject.nodes.find('b:1')!.react = () => 'hangs';
    const [rounds, questions] = [subject.refresher.refreshes, subject.refresher.questions];
    subject.refresher.request('suspect');
    await subject.pass(1_000);
    expect(subject.refresher.refreshes - rounds).toBeGreaterThan(12);
    expect(subject.refresher.refreshes - rounds).toBeLessThan(20);
    expect(subject.refresher.questions - questions).toBe(subject.refresher.refreshes - rounds);
    subject.all((address) => (subject.nodes.find(address)!.react = tells(PROMOTED, 2)));
    await subject.pass(100);
    expect(subject.state.topology.shardOf(6_000)!.primary!.address).toBe('b:2');
    await subject.quiet();
    const settled = subject.refresher.refreshes;
    await subject.pass(20_000);
    expect(subject.refresher.refreshes).toBe(settled);
  });

  it('asks ever more seldom when it does not end', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.down = ['b:1'];
    subject.refresher.request('suspect');
    await subject.pass(60_000);
    const before = subject.refresher.refreshes;
    await subject.pass(20_000);
    expect(subject.refresher.refreshes - before).toBeLessThanOrEqual(20_000 / 1_900 + 1);
    expect(subject.refresher.refreshes - before).toBeGreaterThan(5);
  });

  it('asks another soon when one hangs of whom that was not known', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.down = ['b:1'];
    for (const address of ['b:1', 'a:1', 'a:2']) subject.nodes.find(address)!.react = () => 'hangs';
    subject.all((address) => {
      const node = subject.nodes.find(address)!;
      if (!['b:1', 'a:1', 'a:2'].includes(address)) node.react = tells(PROMOTED, 2);
    });
    subject.refresher.request('suspect');
    await subject.pass(500);
    expect(subject.state.topology.shardOf(6_000)!.primary!.address).toBe('b:2');
  });
});

describe('a refresher whom nobody answers', () => {
  it('asks the seeds, and finds a cluster of other nodes behind them', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.all((address) => (subject.nodes.find(address)!.react = () => lost));
    const replaced: Layout = [[0, 16_383, 'x:1', 'x:2']];
    subject.nodes.find('127.0.0.1:1')!.react = tells(replaced, 1);
    await subject.refresher.refresh();
    expect(subject.state.topology.nodes.map(({ address }) => address)).toEqual(['x:1', 'x:2']);
    expect(subject.observed.at(-1)!.observation.answers.map(({ from }) => from)).toEqual(['127.0.0.1:1']);
  });

  it('tries again by itself, with growing pauses, and keeps what it knew', async () => {
    const subject = await (await new Subject({ refreshIntervalMs: 0 }).begun()).quiet();
    const { topology } = subject.state;
    subject.all((address) => (subject.nodes.find(address)!.react = () => lost));
    subject.nodes.find('127.0.0.1:1')!.react = () => lost;
    await expect(subject.refresher.refresh()).rejects.toThrow(SeedsExhaustedError);
    await subject.pass(10_000);
    expect(subject.failures.length).toBeGreaterThan(8);
    expect(subject.failures.length).toBeLessThan(20);
    expect(subject.refresher.failures).toBe(subject.failures.length);
    expect(subject.state.topology).toBe(topology);
    subject.nodes.find('127.0.0.1:1')!.react = tells(PROMOTED, 2);
    await subject.pass(2_000);
    expect(subject.state.topology.shardOf(6_000)!.primary!.address).toBe('b:2');
  });
});

describe('a refresher that is closed', () => {
  it('ends the round under way, leaves no timer, and asks nobody any more', async () => {
    const subject = await (await new Subject().begun()).quiet();
    subject.all((address) => (subject.nodes.find(address)!.react = () => 'hangs'));
    const observed = subject.observed.length;
    const refreshed = subject.refresher.refresh();
    await subject.pass(20);
    subject.refresher.close();
    await refreshed;
    subject.refresher.request('requested');
    await subject.refresher.refresh();
    const { refreshes } = subject.refresher;
    await subject.pass(5_000);
    expect(subject.refresher.refreshes).toBe(refreshes);
    expect(subject.observed).toHaveLength(observed);
    expect(subject.clock.pending).toBe(0);
  });

  it('closes what it had opened for one question', async () => {
    const found = [
      { address: '10.0.0.1', family: 4 },
      { address: '10.0.0.2', family: 4 },
    ];
    const subject = new Subject({
      seeds: { getSeeds: () => Promise.resolve([{ host: 'seed.test', port: 1 }]) },
      lookup: (_host, _options, done) => done(null, found),
    });
    const started = subject.refresher.start();
    await subject.pass(20);
    expect(subject.nodes.temporaries).toHaveLength(1);
    subject.refresher.close();
    await started;
    expect(subject.nodes.temporaries[0]!.closed).toBeDefined();
  });
});

describe('behind the name of a seed', () => {
  const lookup = (...ips: string[]): RefresherOptions['lookup'] => {
    return (_host, _options, done) =>
      done(
        null,
        ips.map((address) => ({ address, family: 4 })),
      );
  };
  const seeds = { getSeeds: () => Promise.resolve([{ host: 'seed.test', port: 1 }]) };

  it('every address is tried, the next when one hangs, and all are closed afterwards', async () => {
    const subject = new Subject({ seeds, lookup: lookup('10.0.0.1', '10.0.0.2', '10.0.0.3') });
    subject.nodes.behind.set('10.0.0.2', () => lost);
    subject.nodes.behind.set('10.0.0.3', tells(THREE));
    const started = subject.refresher.start();
    await subject.pass(600);
    await started;
    expect(subject.state.topology.shards).toHaveLength(3);
    expect(subject.nodes.temporaries).toHaveLength(3);
    expect(subject.nodes.temporaries.every(({ closed }) => closed !== undefined)).toBe(true);
    expect(subject.observed[0]!.observation.answers.map(({ from }) => from)).toEqual(['10.0.0.3:1']);
  });

  it('a node that leaves its own host out is called by its address', async () => {
    const subject = new Subject({ seeds, lookup: lookup('10.0.0.1', '10.0.0.2') });
    const node = ['id', 'x', 'port', 1, 'ip', '', 'endpoint', '', 'role', 'master', 'health', 'online'];
    subject.nodes.behind.set('10.0.0.1', (command) =>
      command === 'CLUSTER SHARDS'
        ? { reply: [['slots', [0, 16_383], 'nodes', [node]]] }
        : { error: 'NOPERM' },
    );
    await subject.refresher.start();
    expect(subject.state.topology.nodes.map(({ address }) => address)).toEqual(['10.0.0.1:1']);
  });

  it('one error is told for each address, and for a name that cannot be resolved', async () => {
    const both = [
      { host: 'seed.test', port: 1 },
      { host: 'gone.test', port: 1 },
    ];
    const subject = new Subject({
      seeds: { getSeeds: () => Promise.resolve(both) },
      lookup: (host, _options, done) => {
        if (host === 'gone.test') done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []);
        else lookup('10.0.0.1', '10.0.0.2')!(host, {}, done);
      },
    });
    subject.nodes.behind.set('10.0.0.1', () => lost);
    subject.nodes.behind.set('10.0.0.2', () => lost);
    subject.nodes.add('gone.test:1', () => ({ lost: new ConnectError('no such host name') }));
    const error = (await subject.refresher.start().catch((reason: unknown) => reason)) as SeedsExhaustedError;
    expect(error.failures.map((failure) => [failure.seed, failure.error.message])).toEqual([
      ['seed.test:1 (10.0.0.1)', 'refused'],
      ['gone.test:1', 'no such host name'],
      ['seed.test:1 (10.0.0.2)', 'refused'],
    ]);
  });
});

describe('where cluster mode is disabled', () => {
  const info = (...lines: string[]): { reply: string } => ({
    reply: ['# Replication', ...lines, ''].join('\r\n'),
  });
  const standalone =
    (...lines: string[]) =>
    (command: string) => {
      return command === 'INFO'
        ? info(...lines)
        : { error: 'ERR This instance has cluster support disabled' };
    };
  const leads = (...replicas: string[]) =>
    standalone(
      'role:master',
      'master_repl_offset:10',
      ...replicas.map((ip, i) => `slave${i}:ip=${ip},port=1,state=online,offset=10,lag=0`),
    );
  const follows = (primary: string, status = 'up') =>
    standalone('role:slave', `master_host:${primary}`, 'master_port:1', `master_link_status:${status}`);

  function deployment(): Subject {
    const subject = new Subject();
    subject.nodes.add('10.0.0.1:1', leads('10.0.0.2', '10.0.0.3'));
    subject.nodes.add('10.0.0.2:1', follows('10.0.0.1'));
    subject.nodes.add('10.0.0.3:1', follows('10.0.0.1'));
    return subject;
  }
  const shape = ({ state: { topology } }: Subject): readonly string[] =>
    topology.nodes.map(({ address, role }) => `${role} ${address}`);
  const ALL = ['primary 10.0.0.1:1', 'replica 10.0.0.2:1', 'replica 10.0.0.3:1'];

  it('a replica as seed leads to its primary, which knows the others', async () => {
    const subject = deployment();
    subject.nodes.add('127.0.0.1:1', follows('10.0.0.1'));
    await subject.refresher.start();
    expect(shape(subject)).toEqual(ALL);
  });

  it('a replica that was promoted is found, although nobody else has heard of it', async () => {
    const subject = deployment();
    subject.nodes.add('127.0.0.1:1', follows('10.0.0.1'));
    await subject.refresher.start();
    const old = subject.nodes.find('10.0.0.1:1')!;
    old.react = () => 'hangs';
    old.isUsable = false;
    subject.down = ['10.0.0.1:1'];
    subject.nodes.find('10.0.0.2:1')!.react = follows('10.0.0.1', 'down');
    subject.nodes.find('10.0.0.3:1')!.react = leads();
    subject.refresher.request('suspect');
    await subject.pass(300);
    expect(subject.state.topology.shards[0]!.primary!.address).toBe('10.0.0.3:1');
  });

  it('a primary that hangs keeps nobody waiting, and its replicas stay known', async () => {
    const subject = deployment();
    subject.nodes.add('127.0.0.1:1', follows('10.0.0.1'));
    await subject.refresher.start();
    subject.nodes.find('10.0.0.1:1')!.react = () => 'hangs';
    const refreshed = subject.refresher.refresh();
    await subject.pass(600);
    await refreshed;
    expect(shape(subject)).toEqual(ALL);
  });
});
