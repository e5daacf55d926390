import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, viewChildren } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import { PluginsStore } from '../../core/plugins/plugins.store';
import { SessionStore } from '../../core/session/session.store';
import { ConfirmService } from '../../shared/confirm/confirm.service';
import { Notice } from '../../shared/notice/notice';
import { SettingsSection } from './settings-section';

/** What plugins let an administrator set, one section each (MGR-5). */
@Component({
  selector: 'toru-settings-page',
  imports: [MatButton, MatProgressBar, Notice, RouterLink, SettingsSection],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(window:beforeunload)': 'holdBack($event)' },
  templateUrl: './settings.page.html',
  styleUrl: './settings.page.scss',
})
export class SettingsPage {
  protected readonly store = inject(PluginsStore);
  protected readonly isAdmin = inject(SessionStore).isAdmin;
  private readonly confirm = inject(ConfirmService);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly sections = viewChildren(SettingsSection);

  /** `?plugin=<id>`: whose section to begin with. */
  readonly plugin = input<string>();

  protected readonly withSettings = computed(() =>
    this.store
      .plugins()
      .filter((plugin) => plugin.has_settings)
      .sort((a, b) => a.name.localeCompare(b.name)),
  );
  private scrolledTo: string | undefined;
  private arrived = 0;

  /** Sections grow when they are loaded: the one that was asked for is found once all are. */
  protected onLoaded(): void {
    this.arrived += 1;
    const wanted = this.plugin();
    if (wanted === undefined || wanted === this.scrolledTo || this.arrived < this.withSettings().length) return;
    this.scrolledTo = wanted;
    setTimeout(() => {
      const section = this.element.nativeElement.querySelector(`[data-plugin="${CSS.escape(wanted)}"]`);
      section?.scrollIntoView({ block: 'start' });
    });
  }

  protected holdBack(event: BeforeUnloadEvent): void {
    if (this.isDirty()) event.preventDefault();
  }

  /** Whether the page may go: asks where something would be lost. */
  async mayLeave(): Promise<boolean> {
    if (!this.isDirty()) return true;
    return this.confirm.ask({
      heading: 'Leave without saving?',
      text: 'What you changed and did not save will be lost.',
      action: 'Leave',
    });
  }

  private isDirty(): boolean {
    return this.sections().some((section) => section.dirty());
  }
}
