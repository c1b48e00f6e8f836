import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as errors from '../../../src/errors/index.js';
import * as root from '../../../src/index.js';
import { samples } from './samples.js';

type ErrorClass = abstract new (...args: never[]) => errors.SlotwiseError;

const classes = Object.values<unknown>(errors).filter((value) => typeof value === 'function') as ErrorClass[];
const isBranch = (candidate: ErrorClass): boolean =>
  classes.some((other) => Object.getPrototypeOf(other) === candidate);
const branches = classes.filter(isBranch).map(({ name }) => name);
const leaves = classes.filter((candidate) => !isBranch(candidate)).map(({ name }) => name);

/** The tables of a Markdown page as lists of cells, below the heading named. */
function tableBelow(page: string, heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const documented = tableBelow(page, 'Classes');

describe('the catalogue of errors', () => {
  it('descends from SlotwiseError without exception', () => {
    for (const each of classes.filter((candidate) => candidate !== errors.SlotwiseError)) {
      expect(Object.prototype.isPrototypeOf.call(errors.SlotwiseError, each), each.name).toBe(true);
    }
  });

  it('has one sample of each class that can be thrown', () => {
    expect(samples.map(({ name }) => name).toSorted()).toEqual(leaves.toSorted());
  });

  it('gives every class a code of its own, derived from its name', () => {
    for (const { name, code } of samples) {
      const words = name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_');
      expect(code).toBe(words.toUpperCase());
    }
    expect(new Set(samples.map(({ code }) => code)).size).toBe(samples.length);
  });

  it('is documented in docs/errors.md class by class, with the right code', () => {
    const inCode = samples.map(({ name, code }) => [`\`${name}\``, `\`${code}\``]);
    expect(documented.map(([name, code]) => [name, code])).toEqual(expect.arrayContaining(inCode));
    expect(documented).toHaveLength(inCode.length);
  });

  it('says in docs/errors.md for each class when it is thrown, what may have run, and what to do', () => {
    for (const [name, , when, executed, advice] of documented) {
      expect(when, name).toMatch(/\w/);
      expect(executed, name).toMatch(/^(no|maybe|yes)(, (maybe|yes))*$/);
      expect(advice, name).toMatch(/\w/);
    }
  });

  it('is documented in docs/errors.md branch by branch', () => {
    const names = tableBelow(page, 'Branches').map(([name = '']) => name);
    expect(names.toSorted()).toEqual(branches.map((name) => `\`${name}\``).toSorted());
  });

  it('is exported whole from the package root', () => {
    expect(Object.keys(root)).toEqual(expect.arrayContaining([...branches, ...leaves]));
  });
});
