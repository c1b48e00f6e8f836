/** How many slots a cluster has. */
export const SLOT_COUNT = 16_384;

const SLOT_MASK = SLOT_COUNT - 1;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const LAST_ASCII = 0x7f;
const XMODEM_POLYNOMIAL = 0x1021;

const CRC16_TABLE: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ XMODEM_POLYNOMIAL : crc << 1;
  return crc;
});

/**
 * CRC16 of `bytes[from..to)` as the cluster specification's appendix A defines it (XMODEM: polynomial 0x1021,
 * start 0, nothing reflected).
 *
 * @returns 0..65535
 */
export function crc16(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ CRC16_TABLE[(crc >> 8) ^ bytes[i]!]!;
  return crc;
}

/**
 * The slot of a key: CRC16 modulo 16384 of its hash tag if it has one, else of the whole key. A hash tag is what
 * stands between the first `{` and the first `}` after it, unless that is empty. Strings count as UTF-8.
 *
 * Runs for every command that is sent, so ASCII strings are read in place: one pass, no allocation.
 *
 * @returns 0..16383
 */
export function slotOfKey(key: string | Uint8Array): number {
  if (typeof key !== 'string') return slotOfBytes(key);
  let crc = 0;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if (code === OPENING_BRACE || code > LAST_ASCII) return slotOfUnusualKey(key, i);
    crc = ((crc << 8) & 0xffff) ^ CRC16_TABLE[(crc >> 8) ^ code]!;
  }
  return crc & SLOT_MASK;
}

/** `from`: where the first brace or the first character beyond ASCII stands; there is no brace before it. */
function slotOfUnusualKey(key: string, from: number): number {
  const open = key.indexOf('{', from);
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? slotOfText(key, open + 1, close) : slotOfText(key, 0, key.length);
}

function slotOfText(text: string, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code > LAST_ASCII) return crc16(Buffer.from(text.slice(from, to))) & SLOT_MASK;
    crc = ((crc << 8) & 0xffff) ^ CRC16_TABLE[(crc >> 8) ^ code]!;
  }
  return crc & SLOT_MASK;
}

function slotOfBytes(key: Uint8Array): number {
  const open = key.indexOf(OPENING_BRACE);
  const close = open === -1 ? -1 : key.indexOf(CLOSING_BRACE, open + 1);
  return (close > open + 1 ? crc16(key, open + 1, close) : crc16(key)) & SLOT_MASK;
}
