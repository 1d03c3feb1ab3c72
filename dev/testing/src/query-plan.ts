interface Node {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Node[];
}

type Query = (sql: string, parameters?: unknown[]) => Promise<unknown>;

/** The plan of Postgres for a statement. */
export interface QueryPlan {
  /** `Seq Scan`, `Index Scan`, … */
  readonly nodes: readonly string[];
  readonly indexes: readonly string[];
  /** The index conditions. Rows that do not meet them are not read. */
  readonly conditions: readonly string[];
}

/** Explains a statement with these parameters, without running it. */
export async function planOf(query: Query, sql: string, parameters: unknown[]): Promise<QueryPlan> {
  const [row] = (await query(`EXPLAIN (FORMAT JSON) ${sql}`, parameters)) as [
    { 'QUERY PLAN': [{ Plan: Node }] },
  ];
  const nodes = flatten(row['QUERY PLAN'][0].Plan);
  return {
    nodes: nodes.map((node) => node['Node Type']),
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    conditions: nodes.flatMap((node) => node['Index Cond'] ?? []),
  };
}

function flatten(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
