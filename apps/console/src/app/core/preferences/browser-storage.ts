import { DOCUMENT } from '@angular/common';
import { inject, Injectable } from '@angular/core';

/** localStorage for small preferences; where the browser forbids it, they last as long as the page. */
@Injectable({ providedIn: 'root' })
export class BrowserStorage {
  private readonly window = inject(DOCUMENT).defaultView;

  get(key: string): string | null {
    try {
      return this.window?.localStorage.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  set(key: string, value: string): void {
    try {
      this.window?.localStorage.setItem(key, value);
    } catch {
      // Private windows and full storage: the preference simply does not outlive the page.
    }
  }
}
