import {
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { TracingChannel } from 'node:diagnostics_channel';
import type { TracedWork } from '../traced.js';
import { errorTypeOf } from './error-type.js';
import { traceparentOfSpan } from './traceparent-of-span.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
} satisfies Record<NonNullable<TracedWork['kind']>, SpanKind>;

/** The common part of a channel's messages: the error of work that failed. */
interface Outcome {
  readonly error?: unknown;
}

/** Makes spans of the work that a diagnostics channel reports. */
export class SpanChannel<Message extends Outcome> {
  readonly #spans = new WeakMap<Message, Span>();

  constructor(
    private readonly channel: TracingChannel<unknown, Message>,
    private readonly tracer: Tracer,
    private readonly storage: AsyncLocalStorage<Context>,
    private readonly workOf: (message: Message) => TracedWork,
  ) {
    channel.start.bindStore(storage, this.#begin);
    channel.asyncEnd.subscribe(this.#end);
  }

  close(): void {
    this.channel.start.unbindStore(this.storage);
    this.channel.asyncEnd.unsubscribe(this.#end);
  }

  /** @returns the context in which the work runs */
  readonly #begin = (message: Message): Context | undefined => {
    const current = this.storage.getStore();
    const work = this.workOf(message);
    const parent = parentOf(work, current);
    if (parent === undefined) return current;
    const { name, kind = 'internal', attributes = {} } = work;
    const span = this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
    this.#spans.set(message, span);
    work.traceparent = traceparentOfSpan(span.spanContext());
    return trace.setSpan(parent, span);
  };

  readonly #end = (message: unknown): void => {
    const span = this.#spans.get(message as Message);
    if (span === undefined) return;
    const { error, outcome } = message as TracedWork;
    if (outcome) span.setAttributes(outcome);
    if (error !== undefined) {
      span.setAttribute('error.type', errorTypeOf(error));
      // The message is left out, because it may quote input.
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };
}

/** A malformed or repeated `traceparent` begins a new trace, as W3C Trace Context §2.3 requires. */
function parentOf({ continues }: TracedWork, current: Context | undefined): Context | undefined {
  if (continues !== undefined) return propagation.extract(ROOT_CONTEXT, continues);
  return current !== undefined && trace.getSpan(current) !== undefined ? current : undefined;
}
