import { DOCUMENT } from '@angular/common';
import { inject, Injectable } from '@angular/core';

/** The pause before the stream is opened again (ms); doubled each time that it breaks off soon. */
export const REOPEN_MS = 1_000;
/** The longest of these pauses (ms), and how long a stream must last to begin with the shortest again. */
export const MAX_REOPEN_MS = 60_000;

export interface EventStreamListener {
  /** Something happened to some plugin. */
  readonly onEvent: () => void;
  /** From now on the stream tells what happens, or does not. */
  readonly onOpen: (isOpen: boolean) => void;
}

/** `GET /api/events/stream`: what happens to plugins, told at once, as long as somebody listens. */
@Injectable({ providedIn: 'root' })
export class EventStream {
  private readonly window = inject(DOCUMENT).defaultView;

  /** Listens until the returned function is called. Without a stream, for whatever reason, nothing is ever told. */
  listen({ onEvent, onOpen }: EventStreamListener): () => void {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = REOPEN_MS;
    let openedAt = 0;
    const open = (): void => {
      if (this.window === null || !('EventSource' in this.window)) return;
      source = new this.window.EventSource('/api/events/stream');
      openedAt = Date.now();
      source.onopen = () => onOpen(true);
      source.onmessage = () => onEvent();
      // The browser's own tries come at a fixed pace, and end for good with the first refusal.
      source.onerror = () => {
        source?.close();
        if (Date.now() - openedAt >= MAX_REOPEN_MS) pause = REOPEN_MS;
        timer = setTimeout(open, pause);
        pause = Math.min(pause * 2, MAX_REOPEN_MS);
        onOpen(false);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }
}
