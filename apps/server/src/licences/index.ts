export { ClockWatch } from './clock-watch';
export type { FileChange } from './licence-files';
export { LicenceHandover } from './licence-handover';
export { MAX_KEY_CHARACTERS } from './licence-key';
export { LicenceKeys } from './licence-keys';
export { LicenceNotices } from './licence-notices';
export { LicenceTerms } from './licence-terms';
export { LicencesModule } from './licences.module';
