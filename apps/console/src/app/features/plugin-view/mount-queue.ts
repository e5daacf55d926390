import { Injectable } from '@angular/core';

/** Remembers how the last visit to each plugin's page ends, so that the next one begins after it. */
@Injectable({ providedIn: 'root' })
export class MountQueue {
  private readonly endings = new Map<string, Promise<void>>();

  previous(id: string): Promise<void> {
    return this.endings.get(id) ?? Promise.resolve();
  }

  ended(id: string, ending: Promise<void>): void {
    this.endings.set(id, ending);
  }
}
