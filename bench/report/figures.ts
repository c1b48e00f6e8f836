/** Figures for people: enough digits to compare, no more. */

export function count(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
}

export function ratio(value: number): string {
  return `${value.toFixed(2)} x`;
}

export function microseconds(us: number): string {
  if (us < 1000) return `${us.toFixed(us < 100 ? 1 : 0)} us`;
  const ms = us / 1000;
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

export function bytes(value: number): string {
  const size = Math.abs(value);
  if (size < 1024) return `${Math.round(value)} B`;
  if (size < 1024 * 1024) return `${(value / 1024).toFixed(1)} KiB`;
  return `${(value / 1024 / 1024).toFixed(1)} MiB`;
}
