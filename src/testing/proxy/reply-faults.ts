import type { Answer, FrozenTopology } from './frozen-topology.js';

/** Which commands a fault concerns. */
export interface CommandChoice {
  /**
   * Names of commands, in any case: `GET`, `CLUSTER SHARDS`; `CLUSTER` stands for all its subcommands, `*` for every
   * command. @defaultValue every command but those with which clients look after themselves: AUTH, HELLO, CLIENT, PING,
   * INFO, ROLE, CLUSTER, COMMAND, CONFIG, READONLY, READWRITE, ASKING, SELECT, QUIT, RESET
   */
  readonly commands?: readonly string[];
  /** How many commands it befalls before it is over. @defaultValue `1` */
  readonly count?: number;
}

/** What a proxy answers in the server's place. */
export interface AnswerOptions extends CommandChoice {
  /** The error reply without its dash: `CLUSTERDOWN The cluster is down`. */
  readonly error: string;
}

/** How a reply is cut short. */
export interface CutOptions extends CommandChoice {
  /** Bytes of the reply that pass before the connection is closed; at most the whole reply does. */
  readonly afterBytes: number;
}

/** What comes in place of a reply. */
export interface GarbageOptions extends CommandChoice {
  /** @defaultValue a line that begins with no type byte of RESP */
  readonly bytes?: Buffer | string;
}

/** What befalls one reply. */
export type ReplyFault = Cut | Garbage;

interface Cut {
  readonly kind: 'cut';
  readonly afterBytes: number;
}

interface Garbage {
  readonly kind: 'garbage';
  readonly bytes: Buffer;
}

const HOUSEKEEPING: ReadonlySet<string> = new Set(
  `AUTH HELLO CLIENT PING INFO ROLE CLUSTER COMMAND CONFIG READONLY READWRITE ASKING SELECT QUIT RESET`.split(
    ' ',
  ),
);
const DEFAULT_COUNT = 1;

class Rule<T> {
  readonly #effect: T;
  readonly #commands: ReadonlySet<string> | undefined;
  #left: number;

  constructor(effect: T, { commands, count = DEFAULT_COUNT }: CommandChoice) {
    this.#effect = effect;
    this.#commands = commands && new Set(commands.map((name) => name.toUpperCase()));
    this.#left = count;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  take(name: string): T | undefined {
    return this.#concerns(name) ? this.takeAny() : undefined;
  }

  takeAny(): T | undefined {
    if (this.isOver) return undefined;
    this.#left--;
    return this.#effect;
  }

  #concerns(name: string): boolean {
    const container = name.split(' ', 1)[0] as string;
    if (!this.#commands) return name !== '' && !HOUSEKEEPING.has(container);
    return this.#commands.has('*') || this.#commands.has(name) || this.#commands.has(container);
  }
}

/** The faults of a proxy that need an eye on commands and replies. Shared by its connections; rules are taken in order. */
export class ReplyFaults {
  closesOnReplicaWrite = false;
  frozen: FrozenTopology | undefined;
  #answers: Array<Rule<Answer>> = [];
  #cuts: Array<Rule<Cut>> = [];
  #garbage: Array<Rule<Garbage>> = [];

  answer({ error, ...choice }: AnswerOptions): void {
    const bytes = Buffer.from(`-${error}\r\n`);
    this.#answers.push(new Rule(() => bytes, choice));
  }

  cut({ afterBytes, ...choice }: CutOptions): void {
    this.#cuts.push(new Rule<Cut>({ kind: 'cut', afterBytes }, choice));
  }

  garbage(bytes: Buffer, choice: CommandChoice): void {
    this.#garbage.push(new Rule<Garbage>({ kind: 'garbage', bytes }, choice));
  }

  get isAnswering(): boolean {
    return this.#answers.length > 0;
  }

  get isCutting(): boolean {
    return this.#cuts.length > 0;
  }

  get isGarbling(): boolean {
    return this.#garbage.length > 0;
  }

  clear(fault: 'answer' | 'cut' | 'garbage'): void {
    if (fault === 'answer') this.#answers = [];
    else if (fault === 'cut') this.#cuts = [];
    else this.#garbage = [];
  }

  /** The reply that a command gets without being passed on. */
  answerTo(name: string): Answer | undefined {
    const answer = takeFirst(this.#answers, name);
    this.#answers = withoutOver(this.#answers);
    return answer ?? this.frozen?.answerTo(name);
  }

  /** For connections that cannot be read: the next cut, whatever it was meant for. */
  anyCut(): Cut | undefined {
    const cut = this.#cuts[0]?.takeAny();
    this.#cuts = withoutOver(this.#cuts);
    return cut;
  }

  /** @param name - the command; empty when the reply belongs to none */
  faultOf(name: string): ReplyFault | undefined {
    const fault: ReplyFault | undefined = takeFirst(this.#cuts, name) ?? takeFirst(this.#garbage, name);
    this.#cuts = withoutOver(this.#cuts);
    this.#garbage = withoutOver(this.#garbage);
    return fault;
  }
}

function takeFirst<T>(rules: ReadonlyArray<Rule<T>>, name: string): T | undefined {
  for (const rule of rules) {
    const effect = rule.take(name);
    if (effect !== undefined) return effect;
  }
  return undefined;
}

/** The same list while nothing is over: this runs for every command. */
function withoutOver<T>(rules: Array<Rule<T>>): Array<Rule<T>> {
  return rules.some(({ isOver }) => isOver) ? rules.filter(({ isOver }) => !isOver) : rules;
}
