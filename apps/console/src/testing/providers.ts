import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { provideHttpClientTesting } from '@angular/common/http/testing';
import type { EnvironmentProviders, Provider } from '@angular/core';
import { apiInterceptor } from '../app/core/api/api.interceptor';
import { provideIcons } from '../app/core/icons/icons';

/** The console's own HTTP chain over a test double of the network, and its icons. */
export function provideConsoleTesting(): (Provider | EnvironmentProviders)[] {
  return [provideHttpClient(withInterceptors([apiInterceptor])), provideHttpClientTesting(), provideIcons()];
}
