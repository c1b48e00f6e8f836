// A module hook that appends the URL of every module resolved to the file named by TRACE_FILE.
import { appendFileSync } from 'node:fs';

export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  appendFileSync(process.env.TRACE_FILE, `${resolved.url}\n`);
  return resolved;
}
