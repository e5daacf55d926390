import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatMenu, MatMenuItem, MatMenuTrigger } from '@angular/material/menu';
import { MatTooltip } from '@angular/material/tooltip';
import type { ThemeChoice } from '../../core/preferences/theme.service';
import { THEME_CHOICES, ThemeService } from '../../core/preferences/theme.service';

const LABELS: Readonly<Record<ThemeChoice, string>> = { light: 'Light', dark: 'Dark', system: 'As the system' };

@Component({
  selector: 'toru-theme-menu',
  imports: [MatIconButton, MatIcon, MatMenu, MatMenuItem, MatMenuTrigger, MatTooltip],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button mat-icon-button [matMenuTriggerFor]="menu" [attr.aria-label]="'Theme: ' + label()" matTooltip="Theme">
      <mat-icon [svgIcon]="theme.choice()" />
    </button>
    <mat-menu #menu="matMenu" xPosition="before">
      @for (choice of choices; track choice) {
        <button
          mat-menu-item
          role="menuitemradio"
          [attr.aria-checked]="theme.choice() === choice"
          (click)="theme.choose(choice)"
        >
          <mat-icon [svgIcon]="theme.choice() === choice ? 'check' : choice" />
          {{ labels[choice] }}
        </button>
      }
    </mat-menu>
  `,
  styles: `
    :host {
      display: flex;
    }
  `,
})
export class ThemeMenu {
  protected readonly theme = inject(ThemeService);
  protected readonly choices = THEME_CHOICES;
  protected readonly labels = LABELS;
  protected readonly label = computed(() => LABELS[this.theme.choice()]);
}
