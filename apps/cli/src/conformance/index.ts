export { CHECKS } from './checks';
export type { Check } from './check';
export { metadataOf } from './metadata-of';
export { DEFAULT_OPTIONS, ROUTE_NAMES, ROUTES, type ConformanceOptions, type RouteName } from './options';
export { HumanReport } from './report/human-report';
export { jsonReport } from './report/json-report';
export { junitReport } from './report/junit-report';
export { hasPassed, type CheckResult, type ConformanceReport } from './result';
export { runConformance } from './run-conformance';
