import { inject, Injectable } from '@angular/core';
import { Title } from '@angular/platform-browser';
import type { RouterStateSnapshot } from '@angular/router';
import { TitleStrategy } from '@angular/router';

export const PRODUCT_NAME = 'Toru Steering Center';

/** `Plugins · Toru Steering Center`. */
@Injectable()
export class ConsoleTitleStrategy extends TitleStrategy {
  private readonly title = inject(Title);

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const title = this.buildTitle(snapshot);
    // A plugin's page names itself once the plugin's name is known.
    if (title !== undefined) this.title.setTitle(pageTitle(title));
  }
}

export function pageTitle(page: string): string {
  return `${page} · ${PRODUCT_NAME}`;
}
