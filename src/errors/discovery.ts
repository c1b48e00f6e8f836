import { SlotwiseError, type SlotwiseErrorDetails } from './slotwise-error.js';

/** The topology could not be learned. */
export abstract class DiscoveryError extends SlotwiseError {
  static override readonly kind: string = 'DiscoveryError';
}

/** Why one seed was of no use. */
export interface SeedFailure {
  /** `host:port` */
  readonly seed: string;
  readonly error: Error;
}

/**
 * No seed gave a topology. Holds one error per seed.
 * @public
 */
export class SeedsExhaustedError extends DiscoveryError {
  static override readonly kind: string = 'SeedsExhaustedError';
  readonly code = 'SEEDS_EXHAUSTED';
  readonly failures: readonly SeedFailure[];

  constructor(failures: readonly SeedFailure[], details: SlotwiseErrorDetails = {}) {
    const lines = failures.map(({ seed, error }) => `  ${seed}: ${error.message}`);
    super(
      failures.length === 0
        ? 'No topology could be learned: there is no seed to ask'
        : `No topology could be learned from any seed:\n${lines.join('\n')}`,
      { retryable: true, cause: failures[0]?.error, ...details },
    );
    this.failures = failures;
  }
}

/**
 * A control plane or metadata service failed. Names the operation and the service's code.
 * @public
 */
export class ServiceApiError extends DiscoveryError {
  static override readonly kind: string = 'ServiceApiError';
  readonly code = 'SERVICE_API';
}

/**
 * A node answered a question about the topology with something that cannot be: a slot beyond 16383, two owners of one
 * slot, a port beyond 65535, a reply of another shape. Says which element of the reply is wrong and what was expected.
 * @public
 */
export class TopologyReplyError extends DiscoveryError {
  static override readonly kind: string = 'TopologyReplyError';
  readonly code = 'TOPOLOGY_REPLY';
}
