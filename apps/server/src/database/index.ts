export { DatabaseModule } from './database.module';
export { executeExclusively, executeSql, placeholders, portableSql } from './sql';
export type { DatabaseKind, SqlResult, SqlValue } from './sql';
export { withStorage } from './storage-error';
