import { booleanAttribute, ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { PluginHealth, PluginState } from '../../core/api/types';
import { healthText } from './plugin-status';

/** Green, red or grey; always with a text alternative, visible or for screen readers only (NAV-1). */
@Component({
  selector: 'toru-health-dot',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <span class="dot" [attr.data-tone]="text().tone" aria-hidden="true"></span>
    <span [class.cdk-visually-hidden]="!showLabel()">{{ text().label }}</span>
  `,
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 8px;
      white-space: nowrap;
    }
    .dot {
      --tone: var(--mat-sys-outline);
      box-sizing: border-box;
      width: 10px;
      height: 10px;
      border-radius: 50%;
      background: var(--tone);
      box-shadow: 0 0 0 3px color-mix(in srgb, var(--tone) 18%, transparent);
    }
    .dot[data-tone='ok'] {
      --tone: var(--toru-ok);
    }
    .dot[data-tone='error'] {
      --tone: var(--toru-error);
    }
    .dot[data-tone='busy'] {
      --tone: var(--mat-sys-primary);
      animation: pulse 1.2s ease-in-out infinite alternate;
    }
    .dot[data-tone='neutral'] {
      background: transparent;
      border: 2px solid var(--tone);
      box-shadow: none;
    }
    @keyframes pulse {
      to {
        opacity: 0.35;
      }
    }
    @media (prefers-reduced-motion: reduce) {
      .dot {
        animation: none !important;
      }
    }
  `,
})
export class HealthDot {
  readonly health = input.required<PluginHealth>();
  readonly state = input.required<PluginState>();
  readonly showLabel = input(false, { transform: booleanAttribute });

  protected readonly text = computed(() => healthText(this.health(), this.state()));
}
