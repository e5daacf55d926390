import type { Routes } from '@angular/router';
import type { SettingsPage } from './features/settings/settings.page';
import { authGuard, signedInGuard, signedOutGuard } from './core/session/auth.guard';

/** The one place that knows all features; they do not know each other. */
export const routes: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in',
    canActivate: [signedOutGuard],
    loadComponent: () => import('./features/sign-in/sign-in.page').then((m) => m.SignInPage),
  },
  {
    path: 'change-password',
    title: 'Change password',
    canActivate: [signedInGuard],
    loadComponent: () => import('./features/change-password/change-password.page').then((m) => m.ChangePasswordPage),
  },
  {
    path: 'unreachable',
    title: 'No connection',
    loadComponent: () => import('./features/unreachable/unreachable.page').then((m) => m.UnreachablePage),
  },
  {
    path: '',
    canActivate: [authGuard],
    loadComponent: () => import('./features/shell/shell').then((m) => m.Shell),
    children: [
      { path: '', pathMatch: 'full', redirectTo: 'plugins' },
      {
        path: 'plugins',
        pathMatch: 'full',
        title: 'Plugin Manager',
        loadComponent: () => import('./features/plugin-manager/plugin-manager.page').then((m) => m.PluginManagerPage),
      },
      {
        path: 'plugin-manager/:id',
        loadComponent: () => import('./features/plugin-details/plugin-details.page').then((m) => m.PluginDetailsPage),
      },
      {
        path: 'settings',
        title: 'Settings',
        canDeactivate: [(page: SettingsPage) => page.mayLeave()],
        loadComponent: () => import('./features/settings/settings.page').then((m) => m.SettingsPage),
      },
      {
        path: 'plugins/:id',
        loadComponent: () => import('./features/plugin-view/plugin-view.page').then((m) => m.PluginViewPage),
        // What follows the id is the plugin's own affair.
        children: [{ path: '**', children: [] }],
      },
      {
        path: '**',
        title: 'Page not found',
        loadComponent: () => import('./features/not-found/not-found.page').then((m) => m.NotFoundPage),
      },
    ],
  },
];
