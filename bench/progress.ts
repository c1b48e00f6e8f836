const BAR_CHARACTERS = 30;

/** How far a run is: a bar on a terminal, elsewhere one line per measurement. Both go to standard error. */
export class Progress {
  readonly #total: number;
  readonly #startedMs = performance.now();
  #done = 0;
  #what = '';

  constructor(totalSteps: number) {
    this.#total = totalSteps;
  }

  /** A new measurement begins. */
  begin(what: string): void {
    this.#what = what;
    if (process.stderr.isTTY) this.#draw('');
    else process.stderr.write(`${this.#percent()}% ${this.#elapsed()} ${what}\n`);
  }

  /** A step of it begins. */
  step(detail: string): void {
    if (process.stderr.isTTY) this.#draw(detail);
    this.#done++;
  }

  /** Something worth a line of its own. */
  note(line: string): void {
    this.#clear();
    process.stderr.write(`${line}\n`);
  }

  end(): void {
    this.#clear();
    process.stderr.write(`measured in ${this.#elapsed()}\n`);
  }

  #draw(detail: string): void {
    const filled = Math.round((this.#done / this.#total) * BAR_CHARACTERS);
    const bar = '#'.repeat(filled).padEnd(BAR_CHARACTERS, '.');
    process.stderr.write(`\r\x1b[K[${bar}] ${this.#percent()}% ${this.#elapsed()} ${this.#what} ${detail}`);
  }

  #clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #percent(): string {
    return String(Math.floor((this.#done / this.#total) * 100)).padStart(3);
  }

  #elapsed(): string {
    const seconds = Math.round((performance.now() - this.#startedMs) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
