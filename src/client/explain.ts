import type { CommandSpec } from '../commands/index.js';
import type { AvailabilityZone, NodeRole } from '../topology/index.js';
import type { CallSettings } from './call.js';
import type { ClientCore } from './client-core.js';

/** Why a command goes where it goes. @public */
export interface Explanation {
  readonly command: string;
  readonly slot: number;
  /** Undefined when no shard serves the slot. */
  readonly shard: { readonly id: string; readonly index: number } | undefined;
  /** Who may be asked, in the order in which they are tried. */
  readonly candidates: readonly ExplainedCandidate[];
  /** Address of the node that would be asked now. */
  readonly chosen: string | undefined;
}

/** @public */
export interface ExplainedCandidate {
  /** `host:port` */
  readonly node: string;
  readonly role: NodeRole;
  readonly zone: AvailabilityZone | undefined;
  /** `usable`, or passed over just now. */
  readonly health: 'usable' | 'avoided';
  /** Why it stands here, or why it is avoided. */
  readonly reason: string;
}

/** Tells what would be done, without doing it. */
export function explain(
  core: ClientCore,
  spec: CommandSpec,
  slot: number,
  settings: CallSettings,
): Explanation {
  const shard = core.topology.shardOf(slot);
  const candidates = core.dispatcher.router.candidates({ slot, spec, settings });
  const policy =
    typeof settings.readFrom === 'function' ? 'the read policy' : `readFrom '${settings.readFrom}'`;
  const why = (role: NodeRole): string =>
    spec.readOnly
      ? `${role === 'primary' ? 'the' : 'a'} ${role}, as ${policy} has it`
      : `the primary, because ${spec.name} is not read-only`;
  const explained = candidates.map(({ node, refusal }): ExplainedCandidate => ({
    node: node.address,
    role: node.role,
    zone: node.availabilityZone,
    health: refusal === undefined ? 'usable' : 'avoided',
    reason: refusal ?? why(node.role),
  }));
  const chosen = core.dispatcher.router.preview({ slot, spec, settings });
  return {
    command: spec.name,
    slot,
    shard: shard === undefined ? undefined : { id: shard.id, index: shard.index },
    candidates: explained,
    chosen: chosen?.address,
  };
}
