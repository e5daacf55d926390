import { AppError } from '../common';
import type { Tunnel } from './plugin-streaming';

/**
 * How many WebSockets a plugin has. They are counted apart from requests, because they stay for hours: neither starves
 * the other. A slot is taken by the handshake, and given back when both directions are over.
 */
export class SocketSlots {
  private taken = 0;

  constructor(private readonly limit: number) {}

  /** @throws AppError `plugin_busy` */
  take(): void {
    if (this.taken >= this.limit) {
      throw new AppError('plugin_busy', `The plugin has ${this.limit} WebSockets open, as many as it may have.`, {
        retryAfterSeconds: 5,
      });
    }
    this.taken++;
  }

  giveBack(): void {
    this.taken--;
  }

  giveBackAfter({ toPlugin, fromPlugin }: Tunnel): void {
    let open = 2;
    const close = (): void => {
      open--;
      if (open === 0) this.giveBack();
    };
    toPlugin.onClose(close);
    fromPlugin.onClose(close);
  }
}
