import { legsOf, type Travel } from '../travel/travel.js';

/** When one replica knew of one log-out. */
export interface Point {
  readonly replica: string;
  readonly number: number;
  /** From auth's answer; negative if the replica was faster. */
  readonly milliseconds: number;
}

/** The points of all log-outs. Those that were not seen have none. */
export const pointsOf = (travels: readonly Travel[]): Point[] =>
  travels.flatMap((travel) =>
    legsOf(travel).flatMap(({ replica, sinceAnswer }) =>
      sinceAnswer === undefined
        ? []
        : [{ replica, number: travel.number, milliseconds: sinceAnswer }],
    ),
  );

/** The points of each replica, in the order in which the replicas first occur. */
export function pointsByReplica(points: readonly Point[]): ReadonlyMap<string, readonly Point[]> {
  const groups = new Map<string, Point[]>();
  for (const point of points)
    groups.set(point.replica, [...(groups.get(point.replica) ?? []), point]);
  return groups;
}
