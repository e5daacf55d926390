import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { provideHttpClientTesting } from '@angular/common/http/testing';
import type { ComponentType } from '@angular/cdk/portal';
import type { EnvironmentProviders, Provider } from '@angular/core';
import { Injectable } from '@angular/core';
import type { MatSnackBarRef } from '@angular/material/snack-bar';
import { MATERIAL_ANIMATIONS } from '@angular/material/core';
import { MatSnackBar, MatSnackBarConfig } from '@angular/material/snack-bar';
import { apiInterceptor } from '../app/core/api/api.interceptor';
import { provideIcons } from '../app/core/icons/icons';

/** Toasts go away by themselves after some seconds, which a test on a busy machine may miss: here they stay. */
@Injectable()
class LastingSnackBar extends MatSnackBar {
  override openFromComponent<T, D>(component: ComponentType<T>, config?: MatSnackBarConfig<D>): MatSnackBarRef<T> {
    return super.openFromComponent(component, Object.assign(new MatSnackBarConfig<D>(), config, { duration: 0 }));
  }
}

/** The console's own HTTP chain over a test double of the network, its icons, toasts that stay, and nothing that moves. */
export function provideConsoleTesting(): (Provider | EnvironmentProviders)[] {
  return [
    provideHttpClient(withInterceptors([apiInterceptor])),
    provideHttpClientTesting(),
    provideIcons(),
    { provide: MATERIAL_ANIMATIONS, useValue: { animationsDisabled: true } },
    { provide: MatSnackBar, useClass: LastingSnackBar },
  ];
}
