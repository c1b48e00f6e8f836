import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PortPool } from '../../../src/testing/process/index.js';

const pools: PortPool[] = [];
const servers: Server[] = [];

function newPool(): PortPool {
  const pool = new PortPool();
  pools.push(pool);
  return pool;
}

function occupy(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    servers.push(server);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

// Every pool looks at the same block first.
beforeEach(() => vi.spyOn(Math, 'random').mockReturnValue(0.5));
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
  await Promise.all(pools.splice(0).map((pool) => pool.release()));
});

describe('PortPool', () => {
  it('passes over a port that another program has', async () => {
    const first = newPool();
    const port = await first.take();
    await first.release();
    await occupy(port);
    expect(await newPool().take()).toBeGreaterThan(port);
  });

  it('gives no port twice, also beyond the end of a block', async () => {
    const pool = newPool();
    const ports: number[] = [];
    for (let i = 0; i < 150; i++) ports.push(await pool.take());
    expect(new Set(ports).size).toBe(150);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(14_000);
    expect(Math.max(...ports)).toBeLessThan(32_000);
  });

  it('keeps other pools out of its block, also from ports that nobody uses yet', async () => {
    const [first, second] = [newPool(), newPool()];
    const [a, b] = [await first.take(), await second.take()];
    expect(Math.abs(a - b)).toBeGreaterThanOrEqual(100);
  });

  it('gives its block back', async () => {
    const pool = newPool();
    const port = await pool.take();
    await pool.release();
    expect(await newPool().take()).toBe(port);
  });
});
