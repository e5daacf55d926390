import { requestIdOf, type MessageV2 } from '@toru/protocol';
import type { Observations } from './observations';
import type { Frame } from './wire-connection';

export type ReceivedV2 = Frame & { readonly message: MessageV2 };

interface OpenRequest {
  readonly kind: 'http' | 'upgrade' | 'kv' | 'ping';
  /** Whether credit for the answer's stream is left to the check. */
  readonly holdCredit: boolean;
  readonly resolve: (answer: ReceivedV2) => void;
}

export type RequestKindV2 = OpenRequest['kind'];

/** What the kit has asked on one connection and what became of it. Answers that nobody may give are noted. */
export class OpenRequestsV2 {
  readonly #open = new Map<string, OpenRequest>();
  readonly #answered = new Set<string>();
  /** Cancelled requests, and those of them that were answered all the same. */
  readonly #cancelled = new Set<string>();
  readonly answeredAfterCancel = new Set<string>();

  constructor(private readonly observations: Observations) {}

  /** Resolves with the answer; without one, never. */
  answerTo(id: string, kind: RequestKindV2, holdCredit: boolean): Promise<ReceivedV2> {
    return new Promise((resolve) => this.#open.set(id, { kind, holdCredit, resolve }));
  }

  find(id: string): OpenRequest | undefined {
    return this.#open.get(id);
  }

  cancel(id: string): void {
    this.#cancelled.add(id);
    this.#open.delete(id);
  }

  receive(received: ReceivedV2): void {
    const { message } = received;
    const id = requestIdOf(message);
    const request = this.#open.get(id);
    if (request && isAnswerTo(request, message)) {
      this.#open.delete(id);
      this.#answered.add(id);
      request.resolve(received);
    } else if (this.#cancelled.has(id)) {
      this.answeredAfterCancel.add(id);
    } else {
      const happened = this.#answered.has(id) ? 'answered one request twice' : 'answered what was never asked';
      this.observations.note('v2/one-answer', `the plugin ${happened} (${message.type})`);
    }
  }
}

function isAnswerTo({ kind }: OpenRequest, { type }: MessageV2): boolean {
  if (kind === 'ping') return type === 'pong';
  return kind === 'kv' ? type === 'kv' : type === 'http';
}
