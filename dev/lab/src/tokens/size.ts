/** The size of a run. */
export interface TokensSize {
  /** How many customers share the counted orders; one line of the report each. */
  readonly customers: readonly number[];
  readonly countedOrders: number;
  readonly rounds: number;
  /** Orders of each way in each round, whose tokens are cached. */
  readonly warmOrders: number;
  /** Orders of each way in each round, each with a new token of the user. */
  readonly coldOrders: number;
  /** Orders of each way before the first round, because JIT compilation depends on calls. */
  readonly warmUpOrders: number;
}

export const FULL: TokensSize = {
  customers: [1, 10],
  countedOrders: 1_000,
  rounds: 20,
  warmOrders: 50,
  coldOrders: 20,
  warmUpOrders: 300,
};

/** Shows that it works; the figures are not worth quoting. */
export const QUICK: TokensSize = {
  customers: [1, 2],
  countedOrders: 10,
  rounds: 2,
  warmOrders: 5,
  coldOrders: 3,
  warmUpOrders: 5,
};
