/** Questions about the topology that one node got in one second. */
export interface QuestionSample {
  /** End of the second, from the fault; negative before it. */
  readonly afterFaultMs: number;
  readonly node: string;
  readonly perSecond: number;
}

export interface QuestionFigures {
  /** Of all nodes and seconds. */
  readonly peakPerNodePerSecond: number;
  readonly meanPerNodePerSecond: number;
}

/** What many clients of one cluster did to it when a primary hung. */
export interface CrowdResult {
  readonly clients: number;
  readonly processes: number;
  readonly callsPerSecond: number;
  readonly promotedAfterMs: number;
  readonly mendedAfterMs: number;
  readonly calls: number;
  readonly errors: number;
  /** Most frequent first. */
  readonly errorCounts: readonly { readonly text: string; readonly count: number }[];
  readonly unsettled: number;
  /** Before the fault, from the fault to 5 s after the promotion, and from the return of the hung node on. */
  readonly before: QuestionFigures;
  readonly during: QuestionFigures;
  readonly after: QuestionFigures;
  readonly samples: readonly QuestionSample[];
}
