import type { JsonObject } from '@toru/contracts';
import { field } from '@toru/protocol';
import { streamNumberOf } from './data-fields';
import type { Observations } from './observations';
import { StreamFromPlugin } from './stream-from-plugin';
import { StreamToPlugin } from './stream-to-plugin';

/** All streams of one connection, by their numbers (docs/protocol-v2.md#6-streams). */
export class StreamsV2 {
  readonly #incoming = new Map<number, StreamFromPlugin>();
  readonly #outgoing = new Map<number, StreamToPlugin>();
  #lastIncoming = 0;
  #nextOutgoing = 1;

  constructor(
    /** Bytes of a stream that may be sent without credit, of those that begin from now on. */
    public window: number,
    /** Sends `data`. */
    private readonly send: (payload: JsonObject, tail?: Uint8Array) => void,
    private readonly observations: Observations,
  ) {}

  /** A stream of ours; it begins with the message that names it. */
  open(): StreamToPlugin {
    const id = this.#nextOutgoing;
    this.#nextOutgoing += 2;
    const stream = new StreamToPlugin(id, this.window, this.send);
    this.#outgoing.set(id, stream);
    return stream;
  }

  /** The plugin named a stream of its own. One that nobody wants any more is refused. */
  name(id: number, { wanted, generous }: { readonly wanted: boolean; readonly generous: boolean }): void {
    if (id % 2 !== 0) this.#note(`the plugin named stream ${id}: its own are even`);
    else if (id <= this.#lastIncoming) {
      this.#note(`the plugin named stream ${id} after ${this.#lastIncoming}: they must rise`);
    }
    this.#lastIncoming = Math.max(this.#lastIncoming, id);
    const stream = new StreamFromPlugin(id, this.window, generous, this.send, this.observations);
    this.#incoming.set(id, stream);
    if (!wanted) stream.refuse('cancelled');
  }

  named(id: number): StreamFromPlugin | undefined {
    return this.#incoming.get(id);
  }

  /** A `data` message of the plugin. */
  receive(payload: JsonObject | undefined, tail: Buffer | undefined): void {
    const id = streamNumberOf(payload);
    const incoming = this.#incoming.get(id ?? 0);
    const outgoing = this.#outgoing.get(id ?? 0);
    if (payload && incoming) incoming.accept(payload, tail);
    else if (payload && outgoing) {
      if ((tail && tail.length > 0) || field(payload, 'end') === true) {
        this.#note(`bytes or an end for stream ${outgoing.id}, which the host sends`);
      }
      outgoing.accept(payload);
    } else this.#note(`data for stream ${id ?? '?'}, which was never named`);
  }

  /** The connection is gone. */
  lose(reason: string): void {
    for (const stream of [...this.#incoming.values(), ...this.#outgoing.values()]) stream.lose(reason);
  }

  #note(happened: string): void {
    this.observations.note('v2/stream-numbers', happened);
  }
}
