import { DOCUMENT } from '@angular/common';
import { computed, effect, inject, Injectable, signal } from '@angular/core';
import { BrowserStorage } from './browser-storage';

export const THEME_CHOICES = ['light', 'dark', 'system'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];
export type Theme = 'light' | 'dark';

const STORAGE_KEY = 'toru.theme';

/** Light, dark, or as the system says; remembered in this browser. The tokens follow `color-scheme` by themselves. */
@Injectable({ providedIn: 'root' })
export class ThemeService {
  private readonly storage = inject(BrowserStorage);
  private readonly document = inject(DOCUMENT);
  private readonly chosen = signal<ThemeChoice>(this.stored());
  private readonly systemIsDark = signal(false);

  readonly choice = this.chosen.asReadonly();
  /** What is shown now. */
  readonly theme = computed<Theme>(() => {
    const choice = this.chosen();
    if (choice !== 'system') return choice;
    return this.systemIsDark() ? 'dark' : 'light';
  });

  constructor() {
    const window = this.document.defaultView;
    if (window && 'matchMedia' in window) {
      const query = window.matchMedia('(prefers-color-scheme: dark)');
      this.systemIsDark.set(query.matches);
      query.addEventListener('change', (event) => this.systemIsDark.set(event.matches));
    }
    effect(() => {
      const choice = this.chosen();
      this.document.documentElement.style.colorScheme = choice === 'system' ? '' : choice;
    });
  }

  choose(choice: ThemeChoice): void {
    this.chosen.set(choice);
    this.storage.set(STORAGE_KEY, choice);
  }

  private stored(): ThemeChoice {
    const value = this.storage.get(STORAGE_KEY);
    return THEME_CHOICES.find((choice) => choice === value) ?? 'system';
  }
}
