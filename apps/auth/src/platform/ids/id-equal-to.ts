import { Equal, type FindOperator } from 'typeorm';

/** A condition that finds a row by text. The id of the row that it finds is a stored id; the text is not. */
export const idEqualTo = (text: string) => Equal(text) as FindOperator<never>;
