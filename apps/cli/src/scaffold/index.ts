export { LANGUAGE_NAMES, LANGUAGES, type LanguageName } from './languages';
export { scaffoldPlugin } from './scaffold-plugin';
