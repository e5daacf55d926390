import { decodeKvRequestV2, requestIdOf, type MessageV2 } from '@toru/protocol';
import type { MemoryKv } from './memory-kv';
import type { Observations } from './observations';

/** How long a key-value request of the plugin waits for its answer, in milliseconds. */
const ANSWER_MS = 5;

/** Answers the key-value requests of the plugin on one connection, and notes what is wrong with them. */
export class KvServerV2 {
  readonly #openIds = new Set<string>();

  constructor(
    private readonly kv: MemoryKv,
    private readonly observations: Observations,
    private readonly send: (message: object) => void,
  ) {}

  serve(message: MessageV2): void {
    const id = requestIdOf(message);
    if (this.#openIds.has(id)) this.#note('two kv requests have the same request_id');
    this.#openIds.add(id);
    // answered a moment later, so that ids that are used again while they are open are seen, on a busy machine too
    setTimeout(() => {
      this.#openIds.delete(id);
      this.send({ type: 'kv', request_id: id, payload: this.#answerTo(message) });
    }, ANSWER_MS);
  }

  #answerTo({ payload }: MessageV2): object {
    try {
      return this.kv.answerV2(decodeKvRequestV2(payload));
    } catch (error) {
      const happened = error instanceof Error ? error.message : String(error);
      this.#note(happened);
      return { error: { code: 'invalid_request', message: happened } };
    }
  }

  #note(happened: string): void {
    this.observations.note('v2/kv-request', happened);
  }
}
