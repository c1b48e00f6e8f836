import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/support/index.js';
import { Deck } from '../../chaos/support/deck.js';
import { parseOptions, usage } from '../../chaos/support/options.js';
import { canHappen, drawSetting } from '../../chaos/support/setting.js';

describe('the command line of the long run', () => {
  it('has defaults for everything', () => {
    expect(parseOptions([])).toEqual({
      help: false,
      minutes: 5,
      seed: undefined,
      faults: undefined,
      engine: undefined,
    });
  });

  it('takes values in the next argument or after an equals sign', () => {
    expect(
      parseOptions([
        '--minutes',
        '0.5',
        '--seed=7',
        '--faults',
        'failover, takeover,failover',
        '--engine=valkey',
      ]),
    ).toEqual({
      help: false,
      minutes: 0.5,
      seed: 7,
      faults: ['failover', 'takeover'],
      engine: 'valkey',
    });
    expect(parseOptions(['--help']).help).toBe(true);
  });

  it.each([
    [['--minute', '3'], "There is no option '--minute'; did you mean --minutes?"],
    [['3'], "There is no option '3'; there are --minutes, --seed, --faults, --engine, --help"],
    [['--minutes'], '--minutes needs a value'],
    [['--minutes', '--seed', '3'], '--minutes needs a value'],
    [['--minutes', '0'], '--minutes 0: expected a number above 0, at most 1440'],
    [['--minutes', 'NaN'], '--minutes NaN: expected'],
    [['--minutes', 'Infinity'], '--minutes Infinity: expected'],
    [['--seed', '-1'], '--seed -1: expected a whole number from 0 to 4294967295'],
    [['--seed', '1.5'], '--seed 1.5: expected'],
    [['--seed', '4294967296'], '--seed 4294967296: expected'],
    [['--seed', '1', '--seed', '2'], '--seed is there twice'],
    [['--faults', 'failver'], "There is no fault 'failver'; did you mean failover?"],
    [['--faults', 'failover,'], "There is no fault ''; there are kill-primary,"],
    [['--engine', 'redi'], "There is no engine 'redi'; did you mean redis?"],
    [['--help=yes'], '--help takes no value'],
  ])('refuses %j: %s', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('tells all faults in its help', () => {
    for (const name of ['kill-primary', 'hang-primary', 'rolling-restart']) expect(usage).toContain(name);
  });
});

describe('what a seed decides', () => {
  it('is the same each time: the order of faults and the servers', () => {
    const draw = (seed: number): unknown => {
      const random = seededRandom(seed);
      const deck = new Deck(['a', 'b', 'c', 'd', 'e']);
      return [
        drawSetting(random, ['redis', 'valkey'], [{ needs: 'servers' }]),
        Array.from({ length: 12 }, () => deck.deal(random)),
      ];
    };
    expect(draw(3)).toEqual(draw(3));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => JSON.stringify(draw(seed)))).size).toBeGreaterThan(
      15,
    );
  });

  it('deals every fault before any comes again', () => {
    const random = seededRandom(1);
    const deck = new Deck(['a', 'b', 'c']);
    for (let i = 0; i < 5; i++) {
      expect([deck.deal(random), deck.deal(random), deck.deal(random)].toSorted()).toEqual(['a', 'b', 'c']);
    }
    expect(() => new Deck([])).toThrow('needs cards');
  });

  it('has proxies and names only when a fault that may be dealt needs them, and always when all need them', () => {
    const drawn = (...needs: Array<'servers' | 'proxies' | 'names'>): Record<string, Set<boolean>> => {
      const faults = needs.map((each) => ({ needs: each }));
      const settings = Array.from({ length: 50 }, (_, seed) =>
        drawSetting(seededRandom(seed), ['redis'], faults),
      );
      for (const setting of settings) expect(faults.some((fault) => canHappen(fault, setting))).toBe(true);
      return {
        proxied: new Set(settings.map(({ isProxied }) => isProxied)),
        named: new Set(settings.map(({ isNamed }) => isNamed)),
      };
    };
    const [never, always, sometimes] = [new Set([false]), new Set([true]), new Set([false, true])];
    expect(drawn('servers')).toEqual({ proxied: never, named: never });
    expect(drawn('proxies')).toEqual({ proxied: always, named: never });
    expect(drawn('names')).toEqual({ proxied: never, named: always });
    expect(drawn('servers', 'proxies', 'names')).toEqual({ proxied: sometimes, named: sometimes });
    drawn('proxies', 'names');
  });
});
