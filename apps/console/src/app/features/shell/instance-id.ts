import { Clipboard } from '@angular/cdk/clipboard';
import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { MatTooltip } from '@angular/material/tooltip';
import type { InstanceInfo } from '../../core/api/types';
import { ToastService } from '../../core/notifications/toast.service';

/** The beginning of the instance id; a click copies the whole, for whoever asks for a licence (ID-1). */
@Component({
  selector: 'toru-instance-id',
  imports: [MatIcon, MatTooltip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button
      type="button"
      [attr.aria-label]="'Copy the instance id ' + instance().instance_id"
      [matTooltip]="hint()"
      (click)="copy()"
    >
      {{ short() }}<mat-icon svgIcon="copy" aria-hidden="true" />
    </button>
  `,
  styles: `
    :host {
      display: flex;
    }
    button {
      position: relative;
      display: inline-flex;
      align-items: center;
      gap: 6px;
      margin-inline-start: 4px;
      padding: 3px 8px;
      border: 0;
      border-radius: 8px;
      background: var(--mat-sys-surface-container-high);
      color: var(--mat-sys-on-surface-variant);
      font: 500 12px/18px var(--toru-monospace);
      cursor: pointer;
    }
    /* As high as a finger needs it. */
    button::after {
      content: '';
      position: absolute;
      inset: -10px 0;
    }
    button:hover {
      color: var(--mat-sys-on-surface);
    }
    mat-icon {
      width: 14px;
      height: 14px;
    }
  `,
})
export class InstanceId {
  private readonly clipboard = inject(Clipboard);
  private readonly toasts = inject(ToastService);

  readonly instance = input.required<InstanceInfo>();

  protected readonly short = computed(() => this.instance().instance_id.slice(0, 8));
  protected readonly hint = computed(() => {
    const { instance_id, version } = this.instance();
    return `Instance ${instance_id}, version ${version}. Click to copy the id.`;
  });

  protected copy(): void {
    const { instance_id } = this.instance();
    const copied = this.clipboard.copy(instance_id);
    if (copied) this.toasts.show(`The instance id ${instance_id} was copied.`, 'info');
    else this.toasts.show(`The browser did not copy it. The instance id is ${instance_id}.`, 'warning');
  }
}
