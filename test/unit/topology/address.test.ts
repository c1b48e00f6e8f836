import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/errors/index.js';
import { formatAddress, isIpAddress, parseAddress } from '../../../src/topology/index.js';

describe('formatAddress', () => {
  it('joins a name or an IPv4 address with the port', () => {
    expect(formatAddress('10.0.0.7', 6379)).toBe('10.0.0.7:6379');
  });

  it('puts IPv6 in brackets, once', () => {
    expect(formatAddress('::1', 6379)).toBe('[::1]:6379');
    expect(formatAddress('[::1]', 6379)).toBe('[::1]:6379');
  });

  it('is one identity however the name is capitalised', () => {
    expect(formatAddress('Node-1.Cache.Example', 6379)).toBe(formatAddress('node-1.cache.example', 6379));
  });
});

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:6379', { host: '127.0.0.1', port: 6379 }],
    ['node_1.cache.example:1', { host: 'node_1.cache.example', port: 1 }],
    ['Node-1.Cache.Example.:65535', { host: 'node-1.cache.example.', port: 65_535 }],
    ['[::1]:6379', { host: '::1', port: 6379 }],
    ['[2001:DB8::a:1]:6379', { host: '2001:db8::a:1', port: 6379 }],
    ['[fe80::1%eth0]:6379', { host: 'fe80::1%eth0', port: 6379 }],
  ])('reads %s', (address, parts) => {
    expect(parseAddress(address)).toEqual(parts);
    expect(formatAddress(parts.host, parts.port)).toBe(address.toLowerCase());
  });

  it.each([
    '',
    'localhost',
    ':6379',
    'localhost:',
    'localhost:0',
    'localhost:65536',
    'localhost:6379x',
    'localhost:-1',
    'localhost:1e3',
    'two words:6379',
    '::1:6379',
    '[]:6379',
    '[localhost:6379',
    '[zz::1]:6379',
    'redis://localhost:6379',
  ])('refuses %j and says what was expected', (address) => {
    expect(() => parseAddress(address)).toThrow(InvalidArgumentError);
    expect(() => parseAddress(address)).toThrow(/expected 'host:port' or '\[ipv6\]:port'/);
  });
});

describe('isIpAddress', () => {
  it('tells addresses from names', () => {
    expect(['127.0.0.1', '::1', 'fe80::1%eth0'].every(isIpAddress)).toBe(true);
    expect(['localhost', '1.2.3.example', '10.0.0.0.1'].some(isIpAddress)).toBe(false);
  });
});
