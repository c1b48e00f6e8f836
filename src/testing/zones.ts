/**
 * The zone for one more node of a shard: the one that the shard uses least, and among equals the next in turn,
 * counted from the shard's own number. So a shard's nodes stand apart, and primaries are spread over the zones.
 *
 * @param shard - number of the shard
 * @param used - zones of the shard's present nodes
 * @returns undefined when there are no zones
 */
export function nextZone(
  zones: readonly string[],
  shard: number,
  used: ReadonlyArray<string | undefined>,
): string | undefined {
  const inTurn = zones.map((_, i) => zones[(shard + i) % zones.length] as string);
  const load = (zone: string): number => used.filter((each) => each === zone).length;
  return inTurn.toSorted((a, b) => load(a) - load(b))[0];
}
