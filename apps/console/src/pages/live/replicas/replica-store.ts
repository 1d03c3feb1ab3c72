import { LiveStream } from './live-stream.js';
import type { ReplicaAddress, ReplicaView, Sighting } from './replica.js';

/** A browser opens few connections to one server, so that hidden tabs must not hold them for long. */
const HIDDEN_MILLISECONDS = 30_000;

/** Follows the live events of replicas, for React's `useSyncExternalStore`. */
export class ReplicaStore {
  #views: readonly ReplicaView[] = [];
  readonly #streams = new Map<string, LiveStream>();
  readonly #listeners = new Set<() => void>();
  readonly #sighters = new Set<(sighting: Sighting) => void>();
  #hidden: ReturnType<typeof setTimeout> | undefined;

  /** The same array until something changes. */
  readonly views = (): readonly ReplicaView[] => this.#views;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls back as soon as a revocation has taken effect somewhere. @returns a function that ends it */
  onSighting(listener: (sighting: Sighting) => void): () => void {
    this.#sighters.add(listener);
    return () => this.#sighters.delete(listener);
  }

  /** Connects to these replicas, and to no others. @returns a function that disconnects */
  follow(addresses: readonly ReplicaAddress[]): () => void {
    this.#set(addresses.map((address) => ({ address, connection: 'connecting' })));
    this.#connect();
    const onVisibility = () => this.#onVisibility();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      this.#disconnect();
    };
  }

  #onVisibility(): void {
    clearTimeout(this.#hidden);
    if (document.hidden) this.#hidden = setTimeout(() => this.#pause(), HIDDEN_MILLISECONDS);
    else if (this.#streams.size === 0) this.#connect();
  }

  #pause(): void {
    this.#disconnect();
    this.#set(this.#views.map((view) => ({ ...view, connection: 'connecting' })));
  }

  #connect(): void {
    for (const { address } of this.#views) this.#streams.set(address.name, this.#streamOf(address));
  }

  #disconnect(): void {
    clearTimeout(this.#hidden);
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #streamOf({ name, url }: ReplicaAddress): LiveStream {
    return new LiveStream(url, {
      onStatus: (status, statusAt) => this.#change(name, { status, statusAt }),
      onConnection: (connection) => this.#change(name, { connection }),
      onRevocation: ({ position }, at) => {
        for (const listener of this.#sighters) listener({ replica: name, position, at });
      },
    });
  }

  #change(name: string, change: Partial<ReplicaView>): void {
    const view = this.#views.find(({ address }) => address.name === name);
    const isNew = (key: string) =>
      view?.[key as keyof ReplicaView] !== change[key as keyof ReplicaView];
    if (!view || !Object.keys(change).some(isNew)) return;
    this.#set(this.#views.map((each) => (each === view ? { ...each, ...change } : each)));
  }

  #set(views: readonly ReplicaView[]): void {
    this.#views = views;
    for (const listener of this.#listeners) listener();
  }
}
