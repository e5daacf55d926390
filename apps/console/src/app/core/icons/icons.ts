import type { EnvironmentProviders } from '@angular/core';
import { inject, provideEnvironmentInitializer } from '@angular/core';
import { MatIconRegistry } from '@angular/material/icon';
import { DomSanitizer } from '@angular/platform-browser';
import {
  mdiAccountCircleOutline,
  mdiAlertCircleOutline,
  mdiAlertOutline,
  mdiApplicationOutline,
  mdiArrowLeft,
  mdiCertificateOutline,
  mdiCheck,
  mdiCheckCircleOutline,
  mdiChevronRight,
  mdiClose,
  mdiCogOutline,
  mdiCompassOffOutline,
  mdiContentCopy,
  mdiDotsVertical,
  mdiDownloadOutline,
  mdiEyeOffOutline,
  mdiEyeOutline,
  mdiHistory,
  mdiInformationOutline,
  mdiKeyVariant,
  mdiLanDisconnect,
  mdiLogout,
  mdiMagnify,
  mdiMenu,
  mdiPackageVariant,
  mdiPulse,
  mdiRestart,
  mdiRestore,
  mdiPowerPlugOffOutline,
  mdiPuzzleOutline,
  mdiRefresh,
  mdiShipWheel,
  mdiSpeedometer,
  mdiTextBoxOutline,
  mdiThemeLightDark,
  mdiWeatherNight,
  mdiWeatherSunny,
} from '@mdi/js';

/** Every icon of the console by what it stands for; the paths are our own constants, so trusting them is safe. */
const PATHS = {
  account: mdiAccountCircleOutline,
  application: mdiApplicationOutline,
  back: mdiArrowLeft,
  brand: mdiShipWheel,
  check: mdiCheck,
  chevron: mdiChevronRight,
  close: mdiClose,
  copy: mdiContentCopy,
  crashes: mdiPulse,
  dark: mdiWeatherNight,
  disconnected: mdiLanDisconnect,
  download: mdiDownloadOutline,
  error: mdiAlertCircleOutline,
  hide: mdiEyeOffOutline,
  info: mdiInformationOutline,
  licence: mdiCertificateOutline,
  light: mdiWeatherSunny,
  limits: mdiSpeedometer,
  logs: mdiTextBoxOutline,
  lost: mdiCompassOffOutline,
  menu: mdiMenu,
  more: mdiDotsVertical,
  package: mdiPackageVariant,
  password: mdiKeyVariant,
  plugins: mdiPuzzleOutline,
  refresh: mdiRefresh,
  reset: mdiRestore,
  restart: mdiRestart,
  search: mdiMagnify,
  settings: mdiCogOutline,
  show: mdiEyeOutline,
  signOut: mdiLogout,
  success: mdiCheckCircleOutline,
  system: mdiThemeLightDark,
  unplugged: mdiPowerPlugOffOutline,
  versions: mdiHistory,
  warning: mdiAlertOutline,
} as const;

export type IconName = keyof typeof PATHS;

export function provideIcons(): EnvironmentProviders {
  return provideEnvironmentInitializer(() => {
    const registry = inject(MatIconRegistry);
    const sanitizer = inject(DomSanitizer);
    for (const [name, path] of Object.entries(PATHS)) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="${path}"/></svg>`;
      registry.addSvgIconLiteral(name, sanitizer.bypassSecurityTrustHtml(svg));
    }
  });
}
