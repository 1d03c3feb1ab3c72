/** A place in the text of a JSON document. Lines and columns begin at 1, offsets at 0; all count UTF-16 code units. */
export interface JsonPosition {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
  /** A JSON Pointer (RFC 6901) to the value that contains the place. */
  readonly pointer: string;
}

interface JsonPlace {
  readonly start: number;
  readonly end: number;
}

/** A member of an object, in the order of the text. */
export interface JsonMember {
  readonly name: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Absent if the text ends before it. */
  readonly value?: JsonNode;
  /** An earlier member of the object has the same name. */
  readonly duplicate: boolean;
}

/** A value with its place in the text. */
export type JsonNode = JsonPlace &
  (
    | { readonly type: 'object'; readonly members: readonly JsonMember[] }
    | { readonly type: 'array'; readonly items: readonly JsonNode[] }
    | { readonly type: 'string'; readonly value: string }
    | {
        readonly type: 'number';
        readonly value: number;
        /** Its digits in the text, of which the value may have lost some. */
        readonly source: string;
      }
    | { readonly type: 'boolean'; readonly value: boolean }
    | { readonly type: 'null'; readonly value: null }
  );

/** What is wrong with a place of a JSON text. */
export type JsonFaultCode =
  | 'invalid_json'
  | 'duplicate_member'
  | 'number_out_of_range'
  | 'unsafe_integer'
  | 'lone_surrogate'
  | 'too_deep';

/** A place of a JSON text that is wrong (`error`), or that readers may read differently (`note`). */
export interface JsonFault {
  readonly code: JsonFaultCode;
  readonly severity: 'error' | 'note';
  readonly position: JsonPosition;
  readonly message: string;
}

/** A JSON text, and all that could be parsed of it. */
export interface JsonDocument {
  readonly text: string;
  /** Absent if the text contains no value at all. */
  readonly root?: JsonNode;
  /** The value. Of members with one name, it has the last; of a broken text, what could be parsed. */
  readonly value: unknown;
  /** At most {@link MAX_JSON_FAULTS}, in the order of the text. */
  readonly faults: readonly JsonFault[];
}

/** More faults of one document do not help anybody. */
export const MAX_JSON_FAULTS = 50;

/** No claims set needs more levels. Deeper ones overflow the stack of many parsers. */
export const MAX_JSON_DEPTH = 200;
