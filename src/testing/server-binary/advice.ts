import type { Engine } from './version.js';

/** What the user of this machine can do to get a server, in lines. */
export function installAdvice(
  engines: readonly Engine[],
  platform: NodeJS.Platform = process.platform,
): string {
  const commands: Partial<Record<NodeJS.Platform, string>> = {
    darwin: engines.map((engine) => `\`brew install ${engine}\``).join(' or '),
    linux: engines.map((engine) => `\`apt-get install ${engine}-server\``).join(' or '),
  };
  const how =
    commands[platform] ?? 'There is no server for this platform: use Linux or macOS (on Windows, WSL)';
  return `Install one (${how}), or set SLOTWISE_SERVER to the path of a redis-server or valkey-server program.`;
}
