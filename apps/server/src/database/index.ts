export { DatabaseModule } from './database.module';
export { databaseKind, executeExclusively, executeSql, placeholders, portableSql } from './sql';
export type { DatabaseKind, SqlResult, SqlValue } from './sql';
export { isUniqueViolation, storageError, withStorage } from './storage-error';
