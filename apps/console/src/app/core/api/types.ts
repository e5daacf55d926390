/**
 * The REST types under the names that the console uses; all of them come from the server's OpenAPI document (API-5).
 */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type ClockState = Schemas['ClockState'];
export type CrashDetails = Schemas['CrashDetails'];
export type CrashPage = Schemas['CrashPage'];
export type CrashSummary = Schemas['CrashSummary'];
export type CurrentUser = Schemas['CurrentUserDto'];
export type HttpLimits = Schemas['HttpLimits'];
export type InputError = Schemas['InputError'];
export type InstanceInfo = Schemas['InstanceInfoDto'];
export type KvAnswer = Schemas['KvAnswer'];
export type KvRequest = Schemas['KvRequest'];
export type LicenseOverview = Schemas['LicenseOverview'];
export type LicenseTerms = Schemas['LicenseTerms'];
export type LifecycleAnswer = Schemas['LifecycleAnswer'];
export type LogEntry = Schemas['LogEntry'];
export type LoginRequest = Schemas['LoginRequestDto'];
export type LogLevel = LogEntry['level'];
export type LogPage = Schemas['LogPage'];
export type PathRule = Schemas['PathRule'];
export type PluginDetails = Schemas['PluginDetails'];
export type PluginEvent = Schemas['PluginEvent'];
export type PluginHealth = Schemas['PluginHealth'];
export type PluginLicense = Schemas['PluginLicense'];
export type PluginLicenseAnswer = Schemas['PluginLicenseAnswer'];
export type PluginLimits = Schemas['PluginLimits'];
export type PluginLimitsChange = Schemas['PluginLimitsChange'];
export type PluginList = Schemas['PluginList'];
export type PluginSettings = Schemas['PluginSettings'];
export type PluginSettingsAnswer = Schemas['PluginSettingsAnswer'];
export type PluginSettingsChange = Schemas['PluginSettingsChange'];
export type PluginState = Schemas['PluginState'];
export type PluginSummary = Schemas['PluginSummary'];
export type PluginVersion = Schemas['PluginVersion'];
export type PluginVersionList = Schemas['PluginVersionList'];
export type ProblemDetails = Schemas['ProblemDetails'];
export type SettingsOutcome = PluginSettingsAnswer['applied'];

type LogParameters = NonNullable<operations['getPluginLogs']['parameters']['query']>;
/** Which log file: what the plugin wrote, or what the supervisor did with it. */
export type LogSource = NonNullable<LogParameters['source']>;
