/** Where scripts find more and what they can do: in the console, buttons beside the text do. */
const FOR_SCRIPTS = / See GET \/api\/.*$/;

/** What the host says as part of a sentence (`it ended with status 1`), where it stands alone. */
export function asSentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).replace(FOR_SCRIPTS, '');
}
