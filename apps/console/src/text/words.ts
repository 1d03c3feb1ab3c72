/** The words of a text. Repeated ones count once. */
export const wordsOf = (text: string): string[] => [
  ...new Set(text.split(/[\s,]+/).filter((word) => word !== '')),
];
