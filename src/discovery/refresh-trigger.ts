/** Why a topology was asked for. @public */
export type RefreshTrigger =
  | 'start'
  | 'periodic'
  | 'moved'
  | 'ask'
  | 'linkLost'
  | 'clusterDown'
  | 'readOnly'
  | 'slotUncovered'
  | 'suspect'
  | 'unknownNode'
  | 'hint'
  | 'requested';
