import type { AbortSignalLike } from '@toru/protocol';

/**
 * An `AbortController` and its signal in one, for what is made with every request: Node's own cost as much as the rest of
 * a small exchange. Listeners are called in their order, each once.
 */
export class Ending implements AbortSignalLike {
  reason: unknown;
  private ended = false;
  private listeners: (() => void)[] | undefined;

  get aborted(): boolean {
    return this.ended;
  }

  /** The first call counts. */
  abort(reason: unknown = new Error('aborted')): void {
    if (this.ended) return;
    this.ended = true;
    this.reason = reason;
    const { listeners } = this;
    this.listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.ended) return;
    if (this.listeners === undefined) this.listeners = [listener];
    else this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.listeners?.splice(at, 1);
  }
}
