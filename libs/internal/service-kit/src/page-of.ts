/** One page of a list, and the `after` of the next page if there is one. */
export interface Page<Item> {
  readonly items: Item[];
  /** Spread it into the reply: the member is absent on the last page. */
  readonly next: { readonly next?: string };
}

/** @param rows up to `limit` + 1 of them: the surplus row shows that there is another page */
export function pageOf<Item extends { readonly id: string }>(
  rows: readonly Item[],
  limit: number,
): Page<Item> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? { next: items.at(-1)!.id } : {} };
}
