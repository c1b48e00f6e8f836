import type { Fault } from './fault.js';
import { namedFaults } from './named.js';
import { plainFaults } from './plain.js';
import { proxiedFaults } from './proxied.js';

export type { Fault, Scene } from './fault.js';

/** Every fault there is. */
export const allFaults: readonly Fault[] = [...plainFaults, ...proxiedFaults, ...namedFaults];

/** @throws when there is no such fault */
export function faultNamed(name: string): Fault {
  const found = allFaults.find((fault) => fault.name === name);
  if (found) return found;
  throw new Error(`There is no fault ${name}; there are ${allFaults.map((fault) => fault.name).join(', ')}`);
}
