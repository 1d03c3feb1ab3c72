/** What was changed to make a token of the text. */
export type TextChange =
  | 'line_breaks_removed'
  | 'percent_decoded'
  | 'invisible_removed'
  | 'repetition_removed'
  /** The whole token was in base64. */
  | 'base64_decoded';

/** Where in the text a token was. */
export type TokenPlace = 'bearer' | 'parameter' | 'text';

/** A token in a text. */
export interface FoundToken {
  /** The token as it can be decoded. */
  readonly token: string;
  /** Where it is in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly place: TokenPlace;
  /** The name of the member, parameter, cookie or header that contains it, such as `access_token`. */
  readonly name?: string;
  readonly changes: readonly TextChange[];
}

/** All tokens of a text. */
export interface FoundTokens {
  /** In the order of the text. Of the same token, only the first is listed. */
  readonly tokens: readonly FoundToken[];
  /** Only the first {@link MAX_TEXT_CHARACTERS} were searched. */
  readonly cut: boolean;
}
