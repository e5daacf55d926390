import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';

/** What fits the tile: an emoji (which may be many code points, but few characters to the eye) or two letters. */
const MAX_CHARACTERS = 2;

/** The plugin's own icon, an emoji or short text, as plain text; a puzzle piece where it has none. */
@Component({
  selector: 'toru-plugin-icon',
  imports: [MatIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'aria-hidden': 'true' },
  template: `@if (text(); as text) {
      {{ text }}
    } @else {
      <mat-icon svgIcon="plugins" />
    }`,
  styles: `
    :host {
      flex: none;
      display: inline-flex;
      align-items: center;
      justify-content: center;
      width: 1.8em;
      height: 1.8em;
      overflow: hidden;
      border-radius: 0.5em;
      background: var(--mat-sys-surface-container-high);
      color: var(--mat-sys-on-surface-variant);
      font-size: 20px;
      font-weight: 500;
      line-height: 1;
    }
    mat-icon {
      width: 1em;
      height: 1em;
    }
  `,
})
export class PluginIcon {
  readonly icon = input<string | null>(null);
  protected readonly text = computed(() => firstCharacters(this.icon()?.trim() ?? ''));
}

function firstCharacters(text: string): string {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(0, 64));
  return [...segments]
    .slice(0, MAX_CHARACTERS)
    .map(({ segment }) => segment)
    .join('');
}
