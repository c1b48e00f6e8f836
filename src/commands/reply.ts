import type { CommandSpec } from './spec.js';

/**
 * What the caller gets for a node's reply: as ioredis gives it, `HGETALL` as an object.
 *
 * @param raw - bulk and simple strings as Buffers, integers as numbers, null, and arrays of these
 * @param asBuffers - keep Buffers; else they are decoded as UTF-8. Field names of an object are always strings.
 */
export function shapeReply(spec: CommandSpec, raw: unknown, asBuffers: boolean): unknown {
  if (spec.shape === 'asSent') return asBuffers ? raw : decodeReply(raw);
  if (!Array.isArray(raw)) return asBuffers ? raw : decodeReply(raw);
  return spec.shape === 'object' ? toObject(raw, asBuffers) : toFlat(raw, asBuffers);
}

/** Decodes every Buffer of a reply, at any depth; everything else stays as it is. */
export function decodeReply(raw: unknown): unknown {
  if (raw instanceof Buffer) return raw.toString();
  return Array.isArray(raw) ? raw.map(decodeReply) : raw;
}

function toObject(raw: readonly unknown[], asBuffers: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = String(raw[i]);
    const value = asBuffers ? raw[i + 1] : decodeReply(raw[i + 1]);
    // Assigned plainly, this one name would set the object's prototype.
    if (name === '__proto__') {
      Object.defineProperty(result, name, { value, configurable: true, enumerable: true, writable: true });
    } else {
      result[name] = value;
    }
  }
  return result;
}

function toFlat(raw: readonly unknown[], asBuffers: boolean): unknown {
  const flat = raw.flat();
  return asBuffers ? flat : decodeReply(flat);
}
