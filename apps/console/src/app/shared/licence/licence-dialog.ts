import { Clipboard } from '@angular/cdk/clipboard';
import { DOCUMENT } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { MatButton, MatIconButton } from '@angular/material/button';
import { MAT_DIALOG_DATA, MatDialogClose, MatDialogContent, MatDialogTitle } from '@angular/material/dialog';
import { MatFormField, MatLabel } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';
import { MatProgressBar } from '@angular/material/progress-bar';
import { toApiError } from '../../core/api/api-error';
import { InstanceApi } from '../../core/api/instance-api';
import { LicencesApi } from '../../core/api/licences-api';
import type { PluginLicense, PluginLicenseAnswer } from '../../core/api/types';
import { LicencesStore } from '../../core/licences/licences.store';
import { ToastService } from '../../core/notifications/toast.service';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { PluginActions } from '../actions/plugin-actions.service';
import { ConfirmService } from '../confirm/confirm.service';
import { Notice } from '../notice/notice';
import { asSentence } from '../status/as-sentence';
import { licenceRequestText } from './licence-request';
import { licenceFacts, licenceWords } from './licence-words';

export interface LicenceDialogData {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
}

/** The licence of a plugin: how it stands, a field for another key, and the file with which to ask for one (LIC-1). */
@Component({
  selector: 'toru-licence-dialog',
  imports: [
    MatButton,
    MatDialogClose,
    MatDialogContent,
    MatDialogTitle,
    MatFormField,
    MatIcon,
    MatIconButton,
    MatInput,
    MatLabel,
    MatProgressBar,
    Notice,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './licence-dialog.html',
  styleUrls: ['../dialog/dialog.scss', './licence-dialog.scss'],
})
export class LicenceDialog {
  private readonly api = inject(LicencesApi);
  private readonly licences = inject(LicencesStore);
  private readonly plugins = inject(PluginsStore);
  private readonly actions = inject(PluginActions);
  private readonly confirm = inject(ConfirmService);
  private readonly toasts = inject(ToastService);
  private readonly clipboard = inject(Clipboard);
  private readonly document = inject(DOCUMENT);
  protected readonly data = inject<LicenceDialogData>(MAT_DIALOG_DATA);

  protected readonly licence = signal<PluginLicense | null>(null);
  protected readonly instanceId = signal<string | null>(null);
  /** Why it could not be loaded. */
  protected readonly problem = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly key = signal('');
  /** Why the key was not taken. */
  protected readonly keyProblem = signal<string | null>(null);
  protected readonly customer = signal('');

  protected readonly words = computed(() => {
    const licence = this.licence();
    return licence && licenceWords(licence);
  });
  protected readonly facts = computed(() => {
    const licence = this.licence();
    return licence === null ? [] : licenceFacts(licence);
  });
  /** Why the plugin does not run, where that is its licence. */
  protected readonly refusal = computed(() => {
    const plugin = this.plugins.find(this.data.id);
    return plugin?.refusal === 'license' ? asSentence(plugin.reason ?? 'its licence was refused') : null;
  });

  constructor() {
    const instances = inject(InstanceApi);
    void this.load();
    void instances.info().then(
      ({ instance_id }) => this.instanceId.set(instance_id),
      () => undefined,
    );
  }

  protected async load(): Promise<void> {
    this.problem.set(null);
    try {
      this.licence.set(await this.api.of(this.data.id));
      this.customer.update((customer) => customer || (this.licence()?.terms?.customer ?? ''));
    } catch (error) {
      this.problem.set(toApiError(error).detail);
    }
  }

  protected async enter(event: Event): Promise<void> {
    event.preventDefault();
    const key = this.key().trim();
    if (key === '' || this.busy()) return;
    await this.change(
      () => this.api.enter(this.data.id, key),
      () => this.key.set(''),
    );
  }

  protected async remove(): Promise<void> {
    const { name } = this.data;
    const text = `The host forgets the key. ${name} keeps it as long as it runs; keep a copy if you may need it again.`;
    if (!(await this.confirm.ask({ heading: `Remove the licence key of ${name}?`, text, action: 'Remove' }))) return;
    await this.change(
      () => this.api.remove(this.data.id),
      () => undefined,
    );
  }

  protected copyInstanceId(): void {
    const copied = this.clipboard.copy(this.instanceId() ?? '');
    this.toasts.show(
      copied ? 'The instance id was copied.' : 'The browser did not copy it.',
      copied ? 'info' : 'error',
    );
  }

  protected downloadRequest(event: Event): void {
    event.preventDefault();
    const instance = this.instanceId();
    const customer = this.customer().trim();
    if (instance === null || customer === '') return;
    const { id: plugin, version } = this.data;
    const text = licenceRequestText({ plugin, instance, customer, version }, Date.now());
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    const link = this.document.createElement('a');
    link.href = url;
    link.download = `${plugin}.licence-request.json`;
    link.click();
    // the browser has begun to read it by then
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  }

  private async change(ask: () => Promise<PluginLicenseAnswer>, done: () => void): Promise<void> {
    this.busy.set(true);
    this.keyProblem.set(null);
    try {
      const { applied, ...licence } = await ask();
      this.licence.set(licence);
      done();
      this.tell(applied);
      void this.licences.refresh();
      void this.plugins.refresh();
    } catch (error) {
      this.keyProblem.set(toApiError(error).detail);
    } finally {
      this.busy.set(false);
    }
  }

  private tell(applied: PluginLicenseAnswer['applied']): void {
    const { id, name } = this.data;
    if (applied === 'restart_required') {
      const restart = { label: 'Restart', run: () => void this.actions.restart({ id, name }) };
      this.toasts.show(`${name} runs on, and gets to know of the change when it is started again.`, 'success', restart);
    } else if (applied === 'started') this.toasts.show(`${name} had refused to run and is started again.`, 'success');
    else if (applied === 'update_retried')
      this.toasts.show(`${name} runs on, and its new version is tried with this key.`, 'success');
    else if (applied === 'next_start')
      this.toasts.show(`${name} gets to know of the change when it starts.`, 'success');
    else this.toasts.show('It is the key that the plugin had already.', 'info');
  }
}
