/** The parts of a request that Fastify and Express have in common. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly method?: string;
  /** Node's own request, on Fastify. */
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  /** On Express, which extends Node's request. */
  readonly rawHeaders?: readonly string[];
}

/** The parts of a response that Fastify and Express have in common. */
export interface HttpResponse {
  header(name: string, value: string): unknown;
  readonly headersSent?: boolean;
}
