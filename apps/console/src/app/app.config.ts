import { provideHttpClient, withFetch, withInterceptors, withNoXsrfProtection } from '@angular/common/http';
import type { ApplicationConfig } from '@angular/core';
import { ErrorHandler, provideBrowserGlobalErrorListeners, provideZonelessChangeDetection } from '@angular/core';
import { MAT_FORM_FIELD_DEFAULT_OPTIONS } from '@angular/material/form-field';
import type { MatFormFieldDefaultOptions } from '@angular/material/form-field';
import { provideRouter, TitleStrategy, withComponentInputBinding, withInMemoryScrolling } from '@angular/router';
import { routes } from './app.routes';
import { apiInterceptor } from './core/api/api.interceptor';
import { ConsoleErrorHandler } from './core/errors/console-error-handler';
import { provideIcons } from './core/icons/icons';
import { ConsoleTitleStrategy } from './core/navigation/console-title.strategy';

const formFields: MatFormFieldDefaultOptions = { appearance: 'outline', hideRequiredMarker: true };

export const appConfig: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideBrowserGlobalErrorListeners(),
    provideRouter(routes, withComponentInputBinding(), withInMemoryScrolling({ scrollPositionRestoration: 'enabled' })),
    // The server checks Origin and the interceptor's header instead of a token in a readable cookie.
    provideHttpClient(withFetch(), withInterceptors([apiInterceptor]), withNoXsrfProtection()),
    provideIcons(),
    { provide: ErrorHandler, useClass: ConsoleErrorHandler },
    { provide: TitleStrategy, useClass: ConsoleTitleStrategy },
    { provide: MAT_FORM_FIELD_DEFAULT_OPTIONS, useValue: formFields },
  ],
};
