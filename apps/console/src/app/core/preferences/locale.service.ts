import { DOCUMENT } from '@angular/common';
import { inject, Injectable, signal } from '@angular/core';

/** The browser's language, a BCP 47 tag such as `de-CH`. The console speaks English; plugins may speak more. */
@Injectable({ providedIn: 'root' })
export class LocaleService {
  private readonly window = inject(DOCUMENT).defaultView;
  private readonly current = signal(this.browserLocale());

  readonly locale = this.current.asReadonly();

  constructor() {
    this.window?.addEventListener('languagechange', () => this.current.set(this.browserLocale()));
  }

  private browserLocale(): string {
    return this.window?.navigator.language || 'en';
  }
}
