/**
 * The console's only source of REST types. Everything else imports them from here, so that types generated from the
 * server's OpenAPI document can take their place in this one file.
 */
export { LOG_LEVELS } from '@toru/contracts';
export type {
  CurrentUser,
  InstanceInfo,
  KvAnswer,
  KvRequest,
  LifecycleAnswer,
  List,
  LogEntry,
  LoginRequest,
  LogLevel,
  Page,
  PluginDetails,
  PluginEvent,
  PluginHealth,
  PluginState,
  PluginSummary,
  ProblemDetails,
  Role,
} from '@toru/contracts';
