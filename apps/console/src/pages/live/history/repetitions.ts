/** How often one click logs in and out. */
export const REPETITIONS = 20;
