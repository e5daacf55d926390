export { DatabaseModule } from './database.module';
export { databaseKind, executeExclusively, executeSql, placeholders, portableSql } from './sql';
export type { DatabaseKind, SqlResult, SqlValue } from './sql';
export { sqliteHandle } from './sqlite-handle';
export type { SqliteHandle, SqliteStatement } from './sqlite-handle';
export { withStorage } from './storage-error';
