export { LANGUAGE_NAMES, LANGUAGES, type LanguageName } from './languages';
export { requireId, scaffoldPlugin } from './scaffold-plugin';
