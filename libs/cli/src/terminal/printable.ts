/**
 * Replaces what a terminal would act on rather than show. Names and user agents come from strangers, who
 * could otherwise move the cursor or hide text.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD');

/** JSON on one line, whose strings a terminal shows as they are. */
export const printableJson = (document: unknown): string =>
  JSON.stringify(document).replace(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (character) =>
    // A character outside the first plane is two escapes.
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
