import { inject, Injectable } from '@angular/core';
import { toApiError } from '../../core/api/api-error';
import type { LifecycleAnswer } from '../../core/api/types';
import { ToastService } from '../../core/notifications/toast.service';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { LogsDialogService } from '../logs/logs-dialog.service';

type Target = { readonly id: string; readonly name: string };

/** What can be done with a plugin; a toast says what came of it. No method rejects. */
@Injectable({ providedIn: 'root' })
export class PluginActions {
  private readonly store = inject(PluginsStore);
  private readonly toasts = inject(ToastService);
  private readonly logs = inject(LogsDialogService);

  enable(plugin: Target): Promise<void> {
    return this.tell(plugin, 'enabled', this.store.enable(plugin.id));
  }

  disable(plugin: Target): Promise<void> {
    return this.tell(plugin, 'disabled', this.store.disable(plugin.id));
  }

  restart(plugin: Target): Promise<void> {
    return this.tell(plugin, 'restarted', this.store.restart(plugin.id));
  }

  reset(plugin: Target): Promise<void> {
    return this.tell(plugin, 'reset', this.store.resetPlugin(plugin.id));
  }

  rollback(plugin: Target, digest: string): Promise<void> {
    return this.tell(plugin, 'changed', this.store.rollback(plugin.id, digest));
  }

  private async tell(plugin: Target, what: string, action: Promise<LifecycleAnswer>): Promise<void> {
    try {
      const { message } = await action;
      this.toasts.show(message, 'success');
    } catch (error) {
      const { detail } = toApiError(error);
      this.toasts.show(`${plugin.name} was not ${what}: ${detail}`, 'error', {
        label: 'View logs',
        run: () => void this.logs.open(plugin, 'plugin'),
      });
    }
  }
}
